import { CircuitBreaker as Engine } from 'fusewire';
import type { CircuitState, Verdict } from 'fusewire';
import { silence } from './promises.ts';

/** What the engine is asked to run. */
export interface Run {
  /** Whether the circuit is half-open, and closes where it succeeds. */
  isProbe: boolean;
  /**
   * Starts. Where it fails, it says so by {@link Circuit.failing} right before the engine hears of it: before it throws, or
   * as the first that waits for the promise.
   */
  start(): Promise<unknown>;
  /**
   * Tells that it failed, right before the engine counts it, and says what the failure means: `'failure'` opens the circuit,
   * unless the run was admitted before the last transition.
   */
  failed(): Verdict;
}

/** What the circuit is told to do, and when. */
export interface CircuitOptions {
  readonly name: string;
  /** Milliseconds. */
  readonly resetTimeout: number;
  /** Milliseconds, or 0. */
  readonly timeout: number;
  /** Told of each transition, right after it. */
  readonly moved: (state: CircuitState) => void;
}

/** The engine hears of a failure only where it is to open the circuit: see {@link Run.failed}. */
const ANY_FAILURE = {
  failureThreshold: 1,
  window: { type: 'count', size: 1 },
  responseTimes: false,
} as const;
/** How long a probe is waited for that nothing ends. */
const PROBE_LIMIT = 30_000;

/**
 * The circuit of a breaker, kept by the engine: states, permits, the one probe, late results, open time.
 *
 * Its time is that of its timers, and moves when one of them is over: so the event `halfOpen` comes although nobody calls,
 * and under the fake timers of any test.
 */
export class Circuit {
  readonly #engine: Engine;
  readonly #resetTimeout: number;
  /** Whether a probe that does not end by itself has to be given up. */
  readonly #limitsProbes: boolean;
  readonly #moved: (state: CircuitState) => void;
  /** Starts the run that waits for its start. */
  readonly #start = (): Promise<unknown> => {
    const run = this.#starting as Run;
    this.#starting = undefined;
    return run.start();
  };
  #starting: Run | undefined;
  /** The run of whose failure the engine hears next. */
  #failing: Run | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the open time began last, in milliseconds since 1970. */
  #openedAt = Date.now();
  /** Milliseconds, in all, that timers have waited. */
  #now = 0;
  /** How long the circuit opens for next. */
  #openFor: number;
  /** Transitions to come that are only on the way to another. */
  #passing = 0;

  constructor({ name, resetTimeout, timeout, moved }: CircuitOptions) {
    this.#resetTimeout = this.#openFor = Math.max(1, resetTimeout);
    this.#limitsProbes = timeout === 0;
    this.#moved = moved;
    this.#engine = new Engine({
      ...ANY_FAILURE,
      name,
      clock: () => this.#now,
      resetTimeout: this.#resetTimeout,
      successThreshold: 1,
      maxConcurrentRequests: 1,
      timeout: false,
      classify: (error) => (error instanceof Order ? error : this.#judge()),
    });
    this.#engine.on('stateChange', ({ to }) => this.#follow(to));
  }

  get state(): CircuitState {
    return this.#engine.state;
  }

  /** Whether the next run would be the probe. */
  get awaitsProbe(): boolean {
    return this.state === 'HALF_OPEN' && this.#engine.getStats().probesInFlight === 0;
  }

  /** When the open time began last, in milliseconds since 1970. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /**
   * Runs it. The promise is the engine's: it rejects where the run fails, when the failure is counted. Undefined where the
   * circuit does not admit it.
   */
  run(run: Run): Promise<unknown> | undefined {
    const { state } = this;
    // No error is made for a rejection that is told in other words.
    if (state === 'OPEN') return undefined;
    run.isProbe = state === 'HALF_OPEN';
    this.#starting = run;
    const counted = this.#engine.execute(this.#start);
    if (this.#starting !== undefined) {
      this.#starting = undefined;
      silence(counted);
      return undefined;
    }
    if (this.#limitsProbes && run.isProbe && this.state === state) {
      this.#await(Math.max(this.#resetTimeout, PROBE_LIMIT), this.#resetTimeout);
    }
    return counted;
  }

  /** The engine hears next of the failure of this run. */
  failing(run: Run): void {
    this.#failing = run;
  }

  /** Opens, for `openFor` milliseconds. */
  open(openFor = this.#resetTimeout): void {
    if (this.state === 'OPEN') return;
    if (this.state === 'HALF_OPEN') {
      this.#passing++;
      this.#engine.reset();
    }
    this.#openFor = openFor;
    void this.#engine.tryExecute(() => {
      throw new Order(openFor);
    });
  }

  /** Becomes half-open, from wherever it is. */
  halfOpen(): void {
    if (this.state !== 'OPEN') this.#passing++;
    this.open();
    this.#elapse(this.#resetTimeout);
  }

  close(): void {
    if (this.state !== 'CLOSED') this.#engine.reset();
  }

  /** Gives the engine up. What runs goes on. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#engine.dispose();
  }

  #judge(): Verdict {
    const run = this.#failing as Run;
    this.#failing = undefined;
    return run.failed();
  }

  #follow(state: CircuitState): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (state === 'OPEN') {
      this.#openedAt = Date.now() + this.#openFor - this.#resetTimeout;
      this.#await(this.#openFor);
      this.#openFor = this.#resetTimeout;
    }
    if (this.#passing > 0) this.#passing--;
    else this.#moved(state);
  }

  /** Waits, and then has the engine see so many milliseconds pass. */
  #await(milliseconds: number, seen = milliseconds): void {
    this.#timer = setTimeout(() => this.#elapse(seen), milliseconds);
    this.#timer.unref?.();
  }

  #elapse(milliseconds: number): void {
    this.#now += milliseconds;
    // The engine takes the steps that are due when it is asked for its state.
    void this.#engine.state;
  }
}

/** Opens the circuit, as the failure of a run that is nobody's. */
class Order {
  readonly openFor: number;

  constructor(openFor: number) {
    this.openFor = openFor;
  }
}
