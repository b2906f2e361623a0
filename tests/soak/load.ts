import {
  CircuitBreaker,
  CallTimeoutError,
  CircuitOpenError,
  type BackendKind,
  type BreakerEventName,
  type CircuitBreakerOptions,
} from 'fusewire';

/** Calls of every kind, a third of them failing, through breakers of every kind. */
export class Load {
  readonly #breakers: readonly CountedBreaker[];
  readonly #backend: BackendKind;
  #calls = 0;
  #rounds = 0;

  constructor(backend: BackendKind) {
    this.#backend = backend;
    this.#breakers = Object.entries(BREAKERS).map(
      ([name, options]) => new CountedBreaker(name, { ...options, backend }),
    );
  }

  get calls(): number {
    return this.#calls;
  }

  /** Number of breakers that are in use. */
  get breakers(): number {
    return this.#breakers.length;
  }

  /** Makes the calls of one round, and waits for all of them. Throws if the counts of a dropped breaker do not match. */
  async round(): Promise<void> {
    const isDropped = this.#rounds++ % DROP_INTERVAL === 0;
    const breakers = isDropped ? [new CountedBreaker('dropped', { backend: this.#backend })] : this.#breakers;
    const first = this.#calls;
    this.#calls += CALLS_PER_ROUND;
    await Promise.all(
      Array.from({ length: CALLS_PER_ROUND }, (_, index) => {
        const breaker = breakers[Math.floor(index / CALL_KINDS) % breakers.length] as CountedBreaker;
        return breaker.call(first + index);
      }),
    );
    if (!isDropped) return;
    const [dropped] = breakers as [CountedBreaker];
    const problems = dropped.problems();
    if (problems.length > 0) throw new Error(problems.join('; '));
    if (this.#rounds % 2 === 0) dropped.breaker.dispose();
  }

  /** Number of calls by outcome, without those of dropped breakers. */
  get tally(): Tally {
    const sum = (name: keyof Tally): number => this.#breakers.reduce((total, { tally }) => total + tally[name], 0);
    return {
      success: sum('success'),
      failure: sum('failure'),
      timeout: sum('timeout'),
      ignored: sum('ignored'),
      rejected: sum('rejected'),
    };
  }

  /** Returns a message for each count that does not match. */
  problems(): string[] {
    return this.#breakers.flatMap((breaker) => breaker.problems());
  }

  dispose(): void {
    for (const { breaker } of this.#breakers) breaker.dispose();
  }
}

/** Number of calls by outcome, as the callers saw it. */
export interface Tally {
  success: number;
  failure: number;
  timeout: number;
  ignored: number;
  rejected: number;
}

/** Calls of one round, which start together. */
const CALLS_PER_ROUND = 2_400;
/** Number of kinds of calls. Frequent kinds count more than once. */
const CALL_KINDS = 12;
/** Interval of rounds with a breaker of their own, which is then dropped, with or without `dispose()`. */
const DROP_INTERVAL = 5;
/** Call timeout in milliseconds. */
const TIMEOUT = 2;

const DOWN = new Error('down');
const CANCELLED = new Error('cancelled by the caller');
const EVENTS: readonly BreakerEventName[] = ['success', 'failure', 'reject', 'timeout', 'ignore', 'stateChange'];

const BREAKERS: Readonly<Record<string, CircuitBreakerOptions>> = {
  count: { failureThreshold: 400, window: { type: 'count', size: 1_000 } },
  rate: { failureRateThreshold: 0.5, minimumCalls: 500, monitoringWindow: 50 },
  consecutive: { consecutiveFailureThreshold: 8, halfOpen: { calls: 4, failureRateThreshold: 0.75 } },
  slow: { slowCallRateThreshold: 0.3, slowCallDuration: 1, failureThreshold: 1_000_000, recovery: { ramp: 2 } },
  backoff: { failureThreshold: 2_000, resetTimeout: { initial: 1, factor: 2, max: 8, jitter: 0.5 } },
};

/** Breaker, and the number of its calls by outcome. */
class CountedBreaker {
  readonly breaker: CircuitBreaker;
  readonly tally: Tally = { success: 0, failure: 0, timeout: 0, ignored: 0, rejected: 0 };
  #thrownByListeners = 0;
  #logged = 0;

  constructor(name: string, options: CircuitBreakerOptions) {
    const logger = { debug() {}, info() {}, warn() {}, error: () => this.#logged++ };
    this.breaker = new CircuitBreaker({ resetTimeout: 1, ...options, name, timeout: TIMEOUT, logger });
    let events = 0;
    for (const event of EVENTS) {
      this.breaker.on(event, () => {
        if (++events % 3 > 0) return;
        this.#thrownByListeners++;
        throw DOWN;
      });
    }
  }

  /** Makes a call. Its number selects the kind. */
  async call(index: number): Promise<void> {
    switch (index % CALL_KINDS) {
      case 0:
      case 1:
        return this.#countOutcome(this.breaker.execute(() => index));
      case 2:
      case 3:
      case 4:
        return this.#countOutcome(this.breaker.execute(() => Promise.resolve(index)));
      case 5:
        return this.#countOutcome(this.breaker.execute(Promise.resolve(index)));
      case 6:
      case 7:
        return this.#countOutcome(this.breaker.execute(async ({ signal }) => !signal.aborted));
      case 8:
        return this.#countOutcome(
          this.breaker.execute(() => {
            throw DOWN;
          }),
        );
      case 9:
        return this.#countOutcome(this.breaker.execute(() => Promise.reject(DOWN)));
      case 10: {
        const caller = new AbortController();
        const call = this.breaker.execute(hang, { signal: caller.signal });
        caller.abort(CANCELLED);
        return this.#countOutcome(call);
      }
      default:
        return this.#countOutcome(this.breaker.execute(hang));
    }
  }

  async #countOutcome(call: Promise<unknown>): Promise<void> {
    try {
      await call;
      this.tally.success++;
    } catch (error) {
      if (error === DOWN) this.tally.failure++;
      else if (error === CANCELLED) this.tally.ignored++;
      else if (error instanceof CallTimeoutError) this.tally.timeout++;
      else if (error instanceof CircuitOpenError) this.tally.rejected++;
      else throw error;
    }
  }

  /** Returns a message for each count that does not match. */
  problems(): string[] {
    const { tally, breaker } = this;
    const stats = breaker.getStats();
    const counts: [name: string, actual: number, expected: number][] = [
      ['successes', stats.totalSuccesses, tally.success],
      ['failures', stats.totalFailures, tally.failure + tally.timeout],
      ['timeouts', stats.totalTimeouts, tally.timeout],
      ['ignored', stats.totalIgnored, tally.ignored],
      ['rejected', stats.totalRejected, tally.rejected],
      ['calls in flight', stats.inFlight, 0],
      ['probes in flight', stats.probesInFlight, 0],
      ['listener errors', stats.listenerErrors, this.#thrownByListeners],
      ['listener errors in the log', this.#logged, this.#thrownByListeners],
    ];
    return counts
      .filter(([, actual, expected]) => actual !== expected)
      .map(([name, actual, expected]) => `${breaker.name}: ${name} ${actual}, not ${expected}`);
  }
}

/** Returns a promise that never settles, and ignores the signal. */
function hang(): Promise<never> {
  return new Promise(() => {});
}
