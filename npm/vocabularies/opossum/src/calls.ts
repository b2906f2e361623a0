import type { Verdict } from 'fusewire';
import { Attempt } from './attempt.ts';
import type { Host, Settle } from './attempt.ts';
import type { Circuit } from './circuit.ts';
import { Deadlines } from './deadlines.ts';
import type { BreakerError } from './errors.ts';
import type { Settings } from './options.ts';
import { silence } from './promises.ts';
import { Results } from './results.ts';
import { Semaphore } from './semaphore.ts';
import type { Status } from './status.ts';
import type { Voice } from './voice.ts';

/** Answers instead of the action. Gets the arguments of the call, and the error. */
type Fallback = (...args: unknown[]) => unknown;

/** What calls share. */
export interface Surroundings {
  /** The breaker, as users see it. */
  readonly breaker: unknown;
  /** A function, or what each call resolves with. */
  readonly action: unknown;
  readonly options: Settings;
  readonly status: Status;
  readonly circuit: Circuit;
  readonly voice: Voice;
}

/** The way of a call: cache, shared runs, circuit, semaphore, action, fallback. */
export class Calls implements Host {
  readonly semaphore: Semaphore;
  readonly results: Results;
  readonly deadlines: Deadlines | undefined;
  /** Answers instead of the action. */
  fallback: Fallback | undefined;
  /** Whether no failure opens the circuit yet. */
  warmUp = false;

  readonly #breaker: unknown;
  readonly #action: unknown;
  readonly #options: Settings;
  readonly #status: Status;
  readonly #circuit: Circuit;
  readonly #voice: Voice;

  constructor({ breaker, action, options, status, circuit, voice }: Surroundings) {
    this.#breaker = breaker;
    this.#action = action;
    this.#options = options;
    this.#status = status;
    this.#circuit = circuit;
    this.#voice = voice;
    this.semaphore = new Semaphore(options.capacity);
    this.results = new Results(options);
    this.deadlines = options.timeout ? new Deadlines(options.timeout) : undefined;
  }

  /** Runs the action as it is. */
  act(context: unknown, args: unknown[]): unknown {
    const action = this.#action;
    return typeof action === 'function' ? Reflect.apply(action, context, args) : action;
  }

  /**
   * Runs the action with all that protects it; undefined where the circuit does not admit it. May throw what the call is to
   * reject with.
   */
  protect(context: unknown, args: unknown[]): unknown {
    const { results } = this;
    const key = results.isNeeded ? results.keyOf(this.#breaker, args) : undefined;
    const found = key === undefined ? undefined : results.find(key, (event) => this.#voice.tell(event));
    if (found !== undefined) return found;
    const attempt = new Attempt(this, context, args, key);
    const counted = this.#circuit.run(attempt);
    if (counted === undefined) return undefined;
    attempt.counted = counted;
    if (attempt.ending !== undefined) this.#endAtOnce(attempt, counted);
    else if (key !== undefined) results.share(attempt);
    return attempt.result;
  }

  /** The answer to a call that the circuit does not admit. */
  reject(error: BreakerError, args: unknown[]): unknown {
    this.#voice.tell('reject', error);
    return this.fallback === undefined ? Promise.reject(error) : this.#fallBack(this.fallback, error, args);
  }

  /** It failed before it had a promise. */
  #endAtOnce(attempt: Attempt, counted: Promise<unknown>): void {
    silence(counted);
    attempt.result = new Promise((resolve, reject) => this.#answer(attempt, resolve, reject));
    this.results.share(attempt);
    this.#keep(attempt);
  }

  #answer({ ending, isProbe, error, latency, args }: Attempt, resolve: Settle, reject: Settle): void {
    if (ending === 'filtered' && isProbe) this.#voice.tell('success', error, latency);
    if (ending === 'filtered' || this.fallback === undefined) return reject(error);
    try {
      resolve(this.#fallBack(this.fallback, error, args));
    } catch (fault) {
      reject(fault);
    }
  }

  #fallBack(fallback: Fallback, error: unknown, args: unknown[]): unknown {
    const result = Reflect.apply(fallback, fallback, [...args, error]);
    this.#voice.tell('fallback', result, error);
    return result;
  }

  // --- what an attempt tells ----------------------------------------------------------------------------------------

  abort(): void {
    this.#options.abortController?.abort();
  }

  succeeded(attempt: Attempt, value: unknown): void {
    this.#voice.tell('success', value, attempt.latency);
    this.#keep(attempt);
  }

  failing(attempt: Attempt): void {
    if (attempt.counted !== undefined) silence(attempt.counted);
    this.#circuit.failing(attempt);
  }

  recover(attempt: Attempt, resolve: Settle, reject: Settle): void {
    this.#answer(attempt, resolve, reject);
    this.#keep(attempt);
  }

  failed(attempt: Attempt): Verdict {
    const { ending, error, latency, args } = attempt;
    if (ending === 'timeout') this.#voice.tell('timeout', error as BreakerError, latency, args);
    if (ending === 'locked') this.#voice.tell('semaphoreLocked', error as BreakerError, latency);
    if (this.#voice.guard('errorFilter', () => this.#options.errorFilter(error, ...args))) {
      attempt.ending = 'filtered';
      if (!attempt.isProbe) this.#voice.tell('success', error, latency);
      return 'success';
    }
    this.#voice.tell('failure', error, latency, args);
    return this.#circuit.state === 'CLOSED' && !this.#tooManyFailed() ? 'ignore' : 'failure';
  }

  #keep(attempt: Attempt): void {
    if (attempt.key !== undefined) this.#voice.guard('cache', () => this.results.settle(attempt));
  }

  /**
   * Whether the window, which is the user's to give, to prime and to rotate, asks for an open circuit. Whether it opens is
   * for the engine to say: a half-open circuit opens at any failure, and what was admitted earlier opens nothing.
   */
  #tooManyFailed(): boolean {
    const { volumeThreshold, errorThresholdPercentage } = this.#options;
    if (this.warmUp || this.#status.fires < volumeThreshold) return false;
    return this.#status.errorPercentage > errorThresholdPercentage;
  }
}
