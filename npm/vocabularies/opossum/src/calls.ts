import type { Verdict } from 'fusewire';
import { Attempt } from './attempt.ts';
import type { AttemptOwner, Settle } from './attempt.ts';
import type { Circuit } from './circuit.ts';
import { Deadlines } from './deadlines.ts';
import type { BreakerError } from './errors.ts';
import type { Settings } from './options.ts';
import { silence } from './promises.ts';
import { Results } from './results.ts';
import type { SafeEmitter } from './safe-emitter.ts';
import type { Semaphore } from './semaphore.ts';
import type { Status } from './status.ts';

/** Function that answers instead of the action. It receives the arguments of the call, and the error. */
type Fallback = (...args: unknown[]) => unknown;

/** The members of a breaker that users may replace while it runs. */
export interface Replaceable {
  /** A function, or the value that each call resolves with. */
  readonly action: unknown;
  readonly semaphore: Semaphore;
}

/** Dependencies of {@link Calls}. */
export interface CallsOptions {
  readonly breaker: Replaceable;
  /** Options of the breaker, which may change later. */
  readonly options: Settings;
  readonly status: Status;
  readonly circuit: Circuit;
  readonly emitter: SafeEmitter;
}

/** Runs the calls of a breaker: cache, shared attempts, circuit, semaphore, action, fallback. */
export class Calls implements AttemptOwner {
  readonly results: Results;
  fallback: Fallback | undefined;
  /** Whether failures cannot open the circuit yet. */
  warmUp = false;

  readonly #breaker: Replaceable;
  readonly #options: Settings;
  readonly #status: Status;
  readonly #circuit: Circuit;
  readonly #emitter: SafeEmitter;
  #deadlines: Deadlines | undefined;

  constructor({ breaker, options, status, circuit, emitter }: CallsOptions) {
    this.#breaker = breaker;
    this.#options = options;
    this.#status = status;
    this.#circuit = circuit;
    this.#emitter = emitter;
    this.results = new Results(options);
  }

  /**
   * Runs the action under the protection of the breaker. Returns undefined if the circuit does not admit the call. May
   * throw the error for the caller.
   *
   * @param subject the breaker or a proxy of it: `this` of `cacheGetKey`.
   */
  protect(subject: Replaceable, context: unknown, args: unknown[]): unknown {
    const { results } = this;
    const key = results.isNeeded ? results.keyOf(subject, args) : undefined;
    const found = key === undefined ? undefined : results.find(key, (event) => this.#emitter.emit(event));
    if (found !== undefined) return found;
    const attempt = new Attempt(this, subject.action, context, args, key);
    const counted = this.#circuit.run(attempt);
    if (counted === undefined) return undefined;
    attempt.counted = counted;
    if (attempt.outcome !== undefined) this.#settleUnstarted(attempt, counted);
    else if (key !== undefined) results.share(attempt);
    return attempt.result;
  }

  /** Returns the answer to a call that the circuit did not admit. */
  reject(error: BreakerError, args: unknown[]): unknown {
    this.#emitter.emit('reject', error);
    return this.fallback === undefined ? Promise.reject(error) : this.#fallBack(this.fallback, error, args);
  }

  /** Settles an attempt that failed before it had a promise. */
  #settleUnstarted(attempt: Attempt, counted: Promise<unknown>): void {
    silence(counted);
    attempt.result = new Promise((resolve, reject) => this.#answer(attempt, resolve, reject));
    this.results.share(attempt);
    this.#cache(attempt);
  }

  #answer({ outcome, isProbe, error, latency, args }: Attempt, resolve: Settle, reject: Settle): void {
    if (outcome === 'filtered' && isProbe) this.#emitter.emit('success', error, latency);
    if (outcome === 'filtered' || this.fallback === undefined) return reject(error);
    try {
      resolve(this.#fallBack(this.fallback, error, args));
    } catch (fallbackError) {
      reject(fallbackError);
    }
  }

  #fallBack(fallback: Fallback, error: unknown, args: unknown[]): unknown {
    const result = Reflect.apply(fallback, fallback, [...args, error]);
    this.#emitter.emit('fallback', result, error);
    return result;
  }

  // --- owner of the attempts ----------------------------------------------------------------------------------------

  get semaphore(): Semaphore {
    return this.#breaker.semaphore;
  }

  get deadlines(): Deadlines | undefined {
    const { timeout } = this.#options;
    if (!timeout) return undefined;
    if (this.#deadlines?.duration !== timeout) {
      this.#deadlines?.retire();
      this.#deadlines = new Deadlines(timeout);
    }
    return this.#deadlines;
  }

  abort(): void {
    this.#options.abortController?.abort();
  }

  onSuccess(attempt: Attempt, value: unknown): void {
    this.#emitter.emit('success', value, attempt.latency);
    this.#cache(attempt);
  }

  onFailure(attempt: Attempt): void {
    if (attempt.counted !== undefined) silence(attempt.counted);
    this.#circuit.expectFailureOf(attempt);
  }

  settleFailure(attempt: Attempt, resolve: Settle, reject: Settle): void {
    this.#answer(attempt, resolve, reject);
    this.#cache(attempt);
  }

  classifyFailure(attempt: Attempt): Verdict {
    const { outcome, error, latency, args } = attempt;
    if (outcome === 'timeout') this.#emitter.emit('timeout', error as BreakerError, latency, args);
    if (outcome === 'locked') this.#emitter.emit('semaphoreLocked', error as BreakerError, latency);
    if (this.#emitter.guard('errorFilter', () => this.#options.errorFilter(error, ...args))) {
      attempt.outcome = 'filtered';
      if (!attempt.isProbe) this.#emitter.emit('success', error, latency);
      return 'success';
    }
    this.#emitter.emit('failure', error, latency, args);
    return this.#circuit.state === 'CLOSED' && !this.#exceedsThreshold() ? 'ignore' : 'failure';
  }

  #cache(attempt: Attempt): void {
    if (attempt.key !== undefined) this.#emitter.guard('cache', () => this.results.settle(attempt));
  }

  /**
   * Whether the failures in the window exceed the threshold. The window is opossum's `Status`, which users may pass,
   * prime and rotate. The engine still decides whether the circuit opens: any failure opens a half-open circuit, and a
   * call that was admitted before the last transition opens none.
   */
  #exceedsThreshold(): boolean {
    const { volumeThreshold, errorThresholdPercentage } = this.#options;
    if (this.warmUp || this.#status.fires < volumeThreshold) return false;
    return this.#status.errorPercentage > errorThresholdPercentage;
  }
}
