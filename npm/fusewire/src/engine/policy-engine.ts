import type { Problem } from './backend.ts';

/**
 * The engine behind the policies: free functions over an integer handle, the same for each build. What they do is written in
 * `crates/policies-bridge/src/engine.rs`. Times are milliseconds on a monotonic clock; answers of yes or no are 1 or 0.
 */
export interface PolicyEngine {
  /** Makes a policy of that kind: its handle, or everything that is wrong with the options. */
  createPolicy(kind: number, options: object, now: number): number | Problem[];
  freePolicy(handle: number): void;
  /** What is counted, in the order of the kind's row in `codes.ts`. */
  policyStats(handle: number, now: number, out: Float64Array): void;

  /** Delays: milliseconds until the next attempt, after attempt number `attempt` has failed; `previous` is the delay before that one. */
  nextDelay(handle: number, attempt: number, previous: number): number;

  /** Budget: a call has begun. */
  deposit(handle: number, now: number): void;
  /** Budget: whether one more attempt may be made, which then is spent. */
  withdraw(handle: number, now: number): number;

  /** Hedge: milliseconds until the next copy of a call may be started. */
  hedgeDelay(handle: number, now: number): number;
  /** Hedge: how long a call took. */
  recordDuration(handle: number, duration: number, now: number): void;

  /** Bulkhead: above 0 a ticket that may start, below 0 the ticket, negated, of a place in the queue, 0 where all is full. */
  enter(handle: number, priority: number): number;
  /** Bulkhead: whoever held this ticket is done. */
  leave(handle: number, ticket: number): void;
  /** Bulkhead: takes a ticket out of the queue; whether it was still there. */
  cancel(handle: number, ticket: number): number;
  /** Bulkhead: the ticket from the queue that may start now, or 0. To be asked until it is 0 after each `leave` and `setLimit`. */
  next(handle: number): number;
  /** Bulkhead: how many may be under way from now on. */
  setLimit(handle: number, limit: number): void;

  /** Rate: takes tokens and answers 0, or takes none and answers the milliseconds until there will be enough. */
  take(handle: number, tokens: number, now: number): number;

  /** Rate: milliseconds until so many tokens have come, if each is taken as it comes; they may be more than can be saved up. */
  tokenWait(handle: number, tokens: number, now: number): number;

  /** Adaptive limit: what a call was like, `dropped` being 1 where it was ended early; returns the limit from now on. */
  sample(handle: number, duration: number, inFlight: number, dropped: number, now: number): number;

  /** Schedule: which entry holds at a minute of the week; -1 where none does. */
  scheduleEntry(handle: number, minute: number): number;
  /** Schedule: in how many minutes that changes; infinite where it never does. */
  scheduleChange(handle: number, minute: number): number;

  /** Forecast: a call that the breaker counted; 1 where a prediction is made in this moment. `duration` is NaN where it was not measured. */
  forecastCall(handle: number, failed: number, duration: number, now: number): number;
  /** Forecast: the breaker begins anew; `opened` is 1 where its own rule has opened its circuit. */
  forecastRestart(handle: number, opened: number, now: number): void;
  /** Forecast: the breaker's thresholds from now on, NaN where there is none. */
  forecastRules(
    handle: number,
    failures: number,
    failureRate: number,
    slowCallRate: number,
    minimumCalls: number,
  ): void;

  /** Throttle: whether a call may be made, which then counts as a request. */
  throttleAdmit(handle: number, now: number): number;
  /** Throttle: the dependency took a call on. */
  throttleAccept(handle: number, now: number): void;
}
