import type { Problem } from './backend.ts';

/**
 * Engine of the policies: functions over an integer handle, the same for each build. `crates/policies-bridge/src/engine.rs`
 * documents them. Times are milliseconds on a monotonic clock; booleans are 1 or 0.
 */
export interface PolicyEngine {
  /** Creates a policy of that kind. Returns its handle, or the problems of its options. */
  createPolicy(kind: number, options: object, now: number): number | Problem[];
  freePolicy(handle: number): void;
  /** Writes the counters, in the order of the kind's row in `codes.ts`. */
  policyStats(handle: number, now: number, out: Float64Array): void;

  /** Delays: returns the milliseconds until the next attempt, after `attempt` has failed; `previous` is the delay before it. */
  nextDelay(handle: number, attempt: number, previous: number): number;

  /** Budget: counts a call that begins. */
  deposit(handle: number, now: number): void;
  /** Budget: returns whether another attempt is allowed, and spends it. */
  withdraw(handle: number, now: number): number;

  /** Hedge: returns the milliseconds until the next copy of a call may start. */
  hedgeDelay(handle: number, now: number): number;
  /** Hedge: records the duration of a call. */
  recordDuration(handle: number, duration: number, now: number): void;

  /** Bulkhead: returns the ticket of a call that may start, the negated ticket of one that is queued, or 0 if all is full. */
  enter(handle: number, priority: number): number;
  /** Bulkhead: returns the queued ticket that the last `enter` displaced, or 0. */
  displaced(handle: number): number;
  /** Bulkhead: frees the slot of a ticket. */
  leave(handle: number, ticket: number): void;
  /** Bulkhead: removes a ticket from the queue; returns whether it was there. */
  cancel(handle: number, ticket: number): number;
  /** Bulkhead: returns a queued ticket that may start now, or 0. Call it until it returns 0 after `leave` and `setLimit`. */
  next(handle: number): number;
  /** Bulkhead: sets the number of slots. */
  setLimit(handle: number, limit: number): void;

  /** Rate: takes tokens and returns 0, or takes none and returns the milliseconds until there are enough. */
  take(handle: number, tokens: number, now: number): number;

  /** Rate: returns the milliseconds until so many tokens have been added; they may exceed the capacity of the bucket. */
  tokenWait(handle: number, tokens: number, now: number): number;

  /** Adaptive bulkhead: records a call, with `dropped` 1 if it was overload; returns the new limit. */
  sample(handle: number, duration: number, inFlight: number, dropped: number, now: number): number;

  /** Schedule: returns the entry that applies at a minute of the week, or -1. */
  scheduleEntry(handle: number, minute: number): number;
  /** Schedule: returns the minutes until another entry applies; infinite if that never happens. */
  scheduleChange(handle: number, minute: number): number;

  /** Forecast: records a call; returns whether it completes a prediction. `duration` is NaN if it was not measured. */
  forecastCall(handle: number, failed: number, duration: number, now: number): number;
  /** Forecast: restarts after a transition; `opened` is 1 if a rule of the breaker has opened the circuit. */
  forecastRestart(handle: number, opened: number, now: number): void;
  /** Forecast: sets the breaker's thresholds, NaN for none. */
  forecastRules(
    handle: number,
    failures: number,
    failureRate: number,
    slowCallRate: number,
    minimumCalls: number,
  ): void;

  /** ShedLoad: returns whether a call is admitted, and counts the request. */
  shedLoadAdmit(handle: number, now: number): number;
  /** ShedLoad: counts a call that the dependency accepted. */
  shedLoadAccept(handle: number, now: number): void;
}
