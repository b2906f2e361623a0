import type { Verdict } from 'fusewire';
import { Attempt } from './attempt.ts';
import type { Host } from './attempt.ts';
import type { Circuit } from './circuit.ts';
import { openError } from './errors.ts';
import type { BreakerError } from './errors.ts';
import type { Settings } from './options.ts';
import { promiseOf, silence } from './promises.ts';
import { Results } from './results.ts';
import { Semaphore } from './semaphore.ts';
import type { Status } from './status.ts';
import type { Voice } from './voice.ts';

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
  readonly timeout: number | false;
  /** Answers instead of the action. */
  fallback: ((...args: unknown[]) => unknown) | undefined;
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
    this.timeout = options.timeout;
  }

  /** Runs the action as it is. */
  act(context: unknown, args: unknown[]): unknown {
    const action = this.#action;
    return typeof action === 'function' ? Reflect.apply(action, context, args) : action;
  }

  /** Runs the action with all that protects it. May throw what the call is to reject with. */
  protect(context: unknown, args: unknown[]): unknown {
    const key = this.results.keyOf(this.#breaker, args);
    if (key === undefined) return this.#attempt(context, args);
    const found = this.results.find(key, (event) => this.#voice.tell(event));
    return found ?? this.#attempt(context, args, key);
  }

  #attempt(context: unknown, args: unknown[], key?: string): unknown {
    const attempt = new Attempt(this, context, args, key);
    const counted = this.#circuit.run(attempt);
    if (counted === undefined) return this.#reject(args);
    attempt.counted = counted;
    const isOver = attempt.ending !== undefined;
    if (isOver) {
      silence(counted);
      attempt.result = promiseOf(() => this.#answer(attempt));
    }
    const result = attempt.result as Promise<unknown>;
    if (key !== undefined) this.results.share(key, result);
    if (isOver) this.#keep(attempt);
    return result;
  }

  #reject(args: unknown[]): unknown {
    const error = openError();
    this.#voice.tell('reject', error);
    return this.#recover(error, args);
  }

  #answer({ ending, error, args }: Attempt): unknown {
    if (ending === 'filtered') throw error;
    return this.#recover(error, args);
  }

  #recover(error: unknown, args: unknown[]): unknown {
    const { fallback } = this;
    if (fallback === undefined) throw error;
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

  recover(attempt: Attempt): unknown {
    try {
      return this.#answer(attempt);
    } finally {
      this.#keep(attempt);
    }
  }

  failed(attempt: Attempt): Verdict {
    const { ending, error, latency, args } = attempt;
    if (ending === 'timeout') this.#voice.tell('timeout', error as BreakerError, latency, args);
    if (ending === 'locked') this.#voice.tell('semaphoreLocked', error as BreakerError, latency);
    if (this.#voice.guard('errorFilter', () => this.#options.errorFilter(error, ...args))) {
      attempt.ending = 'filtered';
      this.#voice.tell('success', error, latency);
      return 'success';
    }
    this.#voice.tell('failure', error, latency, args);
    return this.#tooManyFailed() ? { openFor: this.#circuit.openFor } : 'failure';
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
