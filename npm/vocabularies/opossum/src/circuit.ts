import { CircuitBreaker as Engine } from 'fusewire';
import type { CircuitState, Outcome, Verdict } from 'fusewire';
import { silence } from './promises.ts';

/** A call that the circuit runs. */
export interface Run {
  /** Whether the circuit was half-open at the start: it closes if this run succeeds. */
  isProbe: boolean;
  /** Whether the run ends by a timeout of its own. Read after the start. */
  readonly hasDeadline: boolean;
  /**
   * Starts the run. A run that fails calls {@link Circuit.expectFailureOf} right before the engine counts the failure:
   * before `start` throws, or in the first reaction to the promise.
   */
  start(): Promise<unknown>;
  /**
   * Classifies the failure while the engine counts it. `'failure'` opens the circuit, unless the run was admitted
   * before the last transition.
   */
  classifyFailure(): Verdict;
}

/** Options of a {@link Circuit}. */
export interface CircuitOptions {
  readonly name: string;
  /** Options of the breaker, which may change later. */
  readonly options: { readonly resetTimeout: number };
  /** Called right after each transition. */
  readonly onTransition: (state: CircuitState) => void;
}

/** Window of the engine: one failure opens. {@link Run.classifyFailure} hides from it the failures that must not. */
const ANY_FAILURE = {
  failureThreshold: 1,
  window: { type: 'count', size: 1 },
  responseTimes: false,
} as const;
/** Open time, and longest time of a probe, in milliseconds of the engine's clock. */
const OPEN_TIME = 1_000;
/** Longest time of a probe without timeout, in milliseconds, unless `resetTimeout` is longer. */
const PROBE_LIMIT = 30_000;

/**
 * Circuit of a breaker. The engine decides: states, permits, the one probe, late results.
 *
 * The clock of the engine moves only when a timer of the circuit fires, by `OPEN_TIME`. So `halfOpen` is emitted without
 * a call, and under the fake timers of any test framework. Each open time has the `resetTimeout` of its beginning.
 */
export class Circuit {
  readonly #engine: Engine;
  readonly #options: CircuitOptions['options'];
  readonly #onTransition: (state: CircuitState) => void;
  /** Starts `#starting`. One function for all runs: a closure per call would cost time. */
  readonly #start = (): Promise<unknown> => {
    const run = this.#starting as Run;
    this.#starting = undefined;
    return run.start();
  };
  #starting: Run | undefined;
  /** Run whose failure the engine counts next. */
  #failing: Run | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Start of the last open time, in milliseconds since 1970. */
  #openedAt = Date.now();
  /** Clock of the engine, in milliseconds. */
  #now = 0;
  /** Milliseconds of the next open time; undefined for `resetTimeout`. */
  #openFor: number | undefined;
  /** Number of next transitions that are only a step to another, and not reported. */
  #hiddenTransitions = 0;
  #hasEnded = false;

  constructor({ name, options, onTransition }: CircuitOptions) {
    this.#options = options;
    this.#onTransition = onTransition;
    this.#engine = new Engine({
      ...ANY_FAILURE,
      name,
      clock: () => this.#now,
      resetTimeout: OPEN_TIME,
      successThreshold: 1,
      maxConcurrentRequests: 1,
      timeout: false,
      classify: (outcome) => this.#classify(outcome),
    });
    this.#engine.on('stateChange', ({ to }) => this.#onStateChange(to));
  }

  /** State of the engine. A circuit that has ended admits no run: it is `'OPEN'`. */
  get state(): CircuitState {
    return this.#hasEnded ? 'OPEN' : this.#engine.state;
  }

  /** Whether the next run would be the probe. */
  get awaitsProbe(): boolean {
    return this.state === 'HALF_OPEN' && this.#engine.getStats().probesInFlight === 0;
  }

  /** Start of the last open time, in milliseconds since 1970. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /**
   * Starts a run. Returns the promise of the engine, which settles when the outcome is counted; undefined if the
   * circuit does not admit the run.
   */
  run(run: Run): Promise<unknown> | undefined {
    const { state } = this;
    // The engine would create an error, which the caller replaces by opossum's.
    if (state === 'OPEN') return undefined;
    run.isProbe = state === 'HALF_OPEN';
    this.#starting = run;
    const counted = this.#engine.execute(this.#start);
    if (this.#starting !== undefined) {
      this.#starting = undefined;
      silence(counted);
      return undefined;
    }
    if (run.isProbe && !run.hasDeadline && this.state === state) {
      this.#elapseAfter(Math.max(this.#options.resetTimeout, PROBE_LIMIT));
    }
    return counted;
  }

  /** Sets the run that classifies the failure which the engine counts next. */
  expectFailureOf(run: Run): void {
    this.#failing = run;
  }

  /** Opens the circuit for `openFor` milliseconds. Default: `resetTimeout`. */
  open(openFor?: number): void {
    if (this.state === 'OPEN') return;
    if (this.state === 'HALF_OPEN') {
      this.#hiddenTransitions++;
      this.#engine.reset();
    }
    this.#openFor = openFor;
    void this.#engine.tryExecute(() => {
      throw new OpenCommand();
    });
  }

  /** Makes the circuit half-open, from any state. */
  halfOpen(): void {
    if (this.state !== 'OPEN') this.#hiddenTransitions++;
    this.open();
    this.#elapse();
  }

  close(): void {
    if (this.state !== 'CLOSED') this.#engine.reset();
  }

  /** Disposes of the engine. Running actions go on. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#engine.dispose();
  }

  /** Every value is a success, as opossum counts it. */
  #classify(outcome: Outcome): Verdict {
    if (!('error' in outcome)) return 'success';
    return outcome.error instanceof OpenCommand ? { openFor: OPEN_TIME } : this.#classifyFailure();
  }

  #classifyFailure(): Verdict {
    const run = this.#failing as Run;
    this.#failing = undefined;
    return run.classifyFailure();
  }

  #onStateChange(state: CircuitState): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (state === 'OPEN') {
      const { resetTimeout } = this.#options;
      const openFor = this.#openFor ?? resetTimeout;
      this.#openedAt = Date.now() + openFor - resetTimeout;
      this.#elapseAfter(openFor);
      this.#openFor = undefined;
    }
    if (this.#hiddenTransitions > 0) this.#hiddenTransitions--;
    else this.#onTransition(state);
  }

  /** Starts a timer that advances the clock of the engine by `OPEN_TIME`. */
  #elapseAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#elapse(), milliseconds);
    this.#timer.unref?.();
  }

  #elapse(): void {
    this.#now += OPEN_TIME;
    // Reading the state makes the engine take the transitions that are due.
    void this.#engine.state;
  }
}

/** Error that opens the circuit by hand. */
class OpenCommand {}
