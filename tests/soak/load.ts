/** The calls: of every kind, a third of them going wrong, through breakers of every kind. */
import {
  CircuitBreaker,
  isCallTimeoutError,
  isCircuitOpenError,
  type BackendKind,
  type BreakerEventName,
  type CircuitBreakerOptions,
} from 'fusewire';

/** A run that is going on. */
export class Load {
  readonly #subjects: readonly Subject[];
  readonly #backend: BackendKind;
  #calls = 0;
  #rounds = 0;

  constructor(backend: BackendKind) {
    this.#backend = backend;
    this.#subjects = Object.entries(KINDS).map(([name, options]) => new Subject(name, { ...options, backend }));
  }

  get calls(): number {
    return this.#calls;
  }

  /** Breakers that are held. */
  get breakers(): number {
    return this.#subjects.length;
  }

  /** Makes some calls, and waits for all of them. Throws where those of a breaker that is then dropped do not balance. */
  async round(): Promise<void> {
    const dropped = this.#rounds++ % DROPPED === 0;
    const subjects = dropped ? [new Subject('dropped', { backend: this.#backend })] : this.#subjects;
    const first = this.#calls;
    this.#calls += AT_ONCE;
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => {
        const subject = subjects[Math.floor(index / TURNS) % subjects.length] as Subject;
        return subject.call(first + index);
      }),
    );
    if (!dropped) return;
    const [subject] = subjects as [Subject];
    const problems = subject.problems();
    if (problems.length > 0) throw new Error(problems.join('; '));
    if (this.#rounds % 2 === 0) subject.breaker.dispose();
  }

  /** What became of all calls that were not made through a breaker that was dropped. */
  get tally(): Tally {
    const sum = (name: keyof Tally): number => this.#subjects.reduce((total, { tally }) => total + tally[name], 0);
    return {
      success: sum('success'),
      failure: sum('failure'),
      timeout: sum('timeout'),
      ignored: sum('ignored'),
      rejected: sum('rejected'),
    };
  }

  /** What does not balance; nothing where all does. */
  problems(): string[] {
    return this.#subjects.flatMap((subject) => subject.problems());
  }

  dispose(): void {
    for (const { breaker } of this.#subjects) breaker.dispose();
  }
}

/** What became of the calls of one breaker, as its callers saw it. */
export interface Tally {
  success: number;
  failure: number;
  timeout: number;
  ignored: number;
  rejected: number;
}

/** Calls begun together; the next ones begin when all of these have ended. */
const AT_ONCE = 2_400;
/** How many kinds of calls there are, counting some twice. */
const TURNS = 12;
/** One of so many rounds uses a breaker of its own, which is then dropped, with dispose or without. */
const DROPPED = 5;
/** Milliseconds. */
const TIMEOUT = 2;

const DOWN = new Error('down');
const CANCELLED = new Error('cancelled by the caller');
const EVENTS: readonly BreakerEventName[] = ['success', 'failure', 'reject', 'timeout', 'ignore', 'stateChange'];

const KINDS: Readonly<Record<string, CircuitBreakerOptions>> = {
  count: { failureThreshold: 400, window: { type: 'count', size: 1_000 } },
  rate: { failureRateThreshold: 0.5, minimumCalls: 500, monitoringWindow: 50 },
  consecutive: { consecutiveFailureThreshold: 8, halfOpen: { calls: 4, failureRateThreshold: 0.75 } },
  slow: { slowCallRateThreshold: 0.3, slowCallDuration: 1, failureThreshold: 1_000_000, recovery: { ramp: 2 } },
  backoff: { failureThreshold: 2_000, resetTimeout: { initial: 1, factor: 2, max: 8, jitter: 0.5 } },
};

/** One breaker, the calls it was given, and what became of them. */
class Subject {
  readonly breaker: CircuitBreaker;
  readonly tally: Tally = { success: 0, failure: 0, timeout: 0, ignored: 0, rejected: 0 };
  #thrown = 0;
  #reported = 0;

  constructor(name: string, options: CircuitBreakerOptions) {
    const logger = { debug() {}, info() {}, warn() {}, error: () => this.#reported++ };
    this.breaker = new CircuitBreaker({ resetTimeout: 1, ...options, name, timeout: TIMEOUT, logger });
    let events = 0;
    for (const event of EVENTS) {
      this.breaker.on(event, () => {
        if (++events % 3 > 0) return;
        this.#thrown++;
        throw DOWN;
      });
    }
  }

  /** Makes a call of the kind whose turn it is. */
  async call(turn: number): Promise<void> {
    switch (turn % TURNS) {
      case 0:
      case 1:
        return this.#count(this.breaker.execute(() => turn));
      case 2:
      case 3:
      case 4:
        return this.#count(this.breaker.execute(() => Promise.resolve(turn)));
      case 5:
        return this.#count(this.breaker.execute(Promise.resolve(turn)));
      case 6:
      case 7:
        return this.#count(this.breaker.execute(async ({ signal }) => !signal.aborted));
      case 8:
        return this.#count(
          this.breaker.execute(() => {
            throw DOWN;
          }),
        );
      case 9:
        return this.#count(this.breaker.execute(() => Promise.reject(DOWN)));
      case 10: {
        const caller = new AbortController();
        const call = this.breaker.execute(hang, { signal: caller.signal });
        caller.abort(CANCELLED);
        return this.#count(call);
      }
      default:
        return this.#count(this.breaker.execute(hang));
    }
  }

  async #count(call: Promise<unknown>): Promise<void> {
    try {
      await call;
      this.tally.success++;
    } catch (error) {
      if (error === DOWN) this.tally.failure++;
      else if (error === CANCELLED) this.tally.ignored++;
      else if (isCallTimeoutError(error)) this.tally.timeout++;
      else if (isCircuitOpenError(error)) this.tally.rejected++;
      else throw error;
    }
  }

  /** What does not balance; nothing where all does. */
  problems(): string[] {
    const { tally, breaker } = this;
    const stats = breaker.getStats();
    const rows: [what: string, told: number, seen: number][] = [
      ['successes', stats.totalSuccesses, tally.success],
      ['failures', stats.totalFailures, tally.failure + tally.timeout],
      ['timeouts', stats.totalTimeouts, tally.timeout],
      ['ignored', stats.totalIgnored, tally.ignored],
      ['rejected', stats.totalRejected, tally.rejected],
      ['calls in flight', stats.inFlight, 0],
      ['probes in flight', stats.probesInFlight, 0],
      ['errors of listeners', stats.listenerErrors, this.#thrown],
      ['errors of listeners in the log', this.#reported, this.#thrown],
    ];
    return rows
      .filter(([, told, seen]) => told !== seen)
      .map(([what, told, seen]) => `${breaker.name}: ${what} ${told}, not ${seen}`);
  }
}

/** A call that nobody answers, and that does not listen. */
function hang(): Promise<never> {
  return new Promise(() => {});
}
