import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { CircuitState } from 'fusewire';
import type { AnyValue } from './any-value.ts';
import { Calls } from './calls.ts';
import type { CacheTransport } from './cache.ts';
import { Circuit } from './circuit.ts';
import { isOurError, openError, shutdownError } from './errors.ts';
import type { BreakerError } from './errors.ts';
import { COUNTED } from './events.ts';
import type { BreakerEvents } from './events.ts';
import { HealthChecks } from './health-checks.ts';
import { readSettings } from './options.ts';
import type * as options from './options.ts';
import { asResult } from './promises.ts';
import { shortened } from './reader.ts';
import { SafeEmitter } from './safe-emitter.ts';
import type { Semaphore } from './semaphore.ts';
import { Status } from './status.ts';
import type * as status from './status.ts';

/** Function that a breaker protects. */
export type Action<Arguments extends unknown[], Result> = (...args: Arguments) => Result | PromiseLike<Result>;

const UNNAMED = 'unnamed';

/**
 * Circuit breaker with the interface of opossum, on the engine of fusewire.
 *
 * ```ts
 * const breaker = new CircuitBreaker(readStock, { timeout: 3_000, errorThresholdPercentage: 50, resetTimeout: 30_000 });
 * breaker.fallback(() => ({ count: 0, known: false }));
 * const stock = await breaker.fire('sku-17');
 * ```
 */
export class CircuitBreaker<TI extends unknown[] = unknown[], TR = unknown> extends EventEmitter<
  BreakerEvents<TI, TR>
> {
  /** Class of `status`, which counts the events of a breaker. */
  static readonly Status: typeof Status = Status;

  /** Options with their defaults. */
  readonly options: options.Settings;

  /** The protected function, or the value that each call resolves with. */
  readonly action: unknown;

  readonly #status: Status;
  readonly #circuit: Circuit;
  readonly #calls: Calls;
  readonly #emitter: SafeEmitter;
  readonly #healthChecks = new HealthChecks();
  readonly #name: string;
  readonly #group: string;
  #enabled: boolean;
  #isEnding = false;
  #isShutdown = false;
  #warmUpTimer: NodeJS.Timeout | undefined;

  /**
   * @param action function to protect.
   * @throws {TypeError} if there is no action.
   * @throws {BreakerOptionsError} with every invalid option.
   */
  constructor(action: Action<TI, TR>, options?: options.Options<TI>);
  /** @param action value that each call resolves with, or a promise of it. */
  constructor(action: PromiseLike<TR> | (TR & object) | string, options?: options.Options<TI>);
  constructor(action: unknown, input: options.Options<TI> = {}) {
    super();
    if (!action) {
      throw new TypeError('No action provided. Cannot construct a CircuitBreaker without an invocable action.');
    }
    const settings = readSettings(input, nameOf(action) || UNNAMED);
    const { state = {} } = settings;
    this.action = action;
    this.options = settings;
    this.#name = settings.name ?? (nameOf(action) || state.name || randomUUID());
    this.#group = settings.group ?? this.#name;
    this.#enabled = state.enabled ?? settings.enabled;
    const { status: stats } = settings;
    this.#status =
      stats instanceof Status ? stats : new Status(stats === undefined ? settings : { ...settings, stats });
    if (settings.autoRenewAbortController) settings.abortController ??= new AbortController();
    this.#emitter = new SafeEmitter(this, this.#name);
    this.#circuit = new Circuit({
      name: shortened(this.#name),
      resetTimeout: settings.resetTimeout,
      timeout: settings.timeout || 0,
      onTransition: (to) => this.#onTransition(to),
    });
    this.#calls = new Calls({
      breaker: this,
      action,
      options: settings,
      status: this.#status,
      circuit: this.#circuit,
      emitter: this.#emitter,
    });
    for (const [event, count] of COUNTED) this.on(event, count(this.#status));
    if (state.warmUp === true || settings.allowWarmUp) this.#startWarmUp();
    this.#restore(state);
  }

  /** Whether a breaker created the error, and not an action. */
  static isOurError(error: unknown): error is BreakerError {
    return isOurError(error);
  }

  /** Returns a status for the option `status`, with counts to start with. */
  static newStatus(options?: status.StatusOptions): Status {
    return new Status(options);
  }

  /** Value of the option `name`, or its default. */
  get name(): string {
    return this.#name;
  }

  /** Value of the option `group`, or its default. */
  get group(): string {
    return this.#group;
  }

  /** Whether the breaker protects the action: see {@link disable}. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Whether the circuit is half-open and the next call is the probe. */
  get pendingClose(): boolean {
    return !this.#isShutdown && this.#circuit.awaitsProbe;
  }

  /** Whether the circuit is closed: all calls run. */
  get closed(): boolean {
    return this.#is('CLOSED');
  }

  /** Whether the circuit is open: calls are rejected. */
  get opened(): boolean {
    return this.#is('OPEN');
  }

  /** Whether the circuit is half-open: one call runs, and decides whether the circuit closes. */
  get halfOpen(): boolean {
    return this.#is('HALF_OPEN');
  }

  /** Whether {@link shutdown} was called. */
  get isShutdown(): boolean {
    return this.#isShutdown;
  }

  /** Status that counts the events of this breaker. */
  get status(): Status {
    return this.#status;
  }

  /** Sums over the rolling window. */
  get stats(): status.Stats {
    return this.#status.stats;
  }

  /** Whether failures cannot open the circuit yet: see the option `allowWarmUp`. */
  get warmUp(): boolean {
    return this.#calls.warmUp;
  }

  /** Semaphore of the actions that run at the same time. */
  get semaphore(): Semaphore {
    return this.#calls.semaphore;
  }

  /** Number of calls in the window below which the circuit does not open. */
  get volumeThreshold(): number {
    return this.options.volumeThreshold;
  }

  /** Returns state and stats as plain data, for the options `state` and `status` of another breaker. */
  toJSON(): { state: options.State; status: status.Stats } {
    return {
      state: {
        name: this.#name,
        enabled: this.#enabled,
        closed: this.closed,
        open: this.opened,
        halfOpen: this.halfOpen,
        warmUp: this.warmUp,
        shutdown: this.#isShutdown,
        lastTimerAt: this.#circuit.openedAt,
      },
      status: this.stats,
    };
  }

  /**
   * Runs the action with these arguments, and settles like the action. If the action fails, exceeds the timeout or may
   * not run, the fallback, if there is one, answers instead.
   */
  fire(...args: TI): Promise<TR> {
    return this.call(this.action, ...args);
  }

  /** Runs the action like {@link fire}, with `context` as its `this`. */
  call(context: unknown, ...args: TI): Promise<TR> {
    if (this.#isShutdown) return Promise.reject(shutdownError());
    this.#emitter.emit('fire', args);
    try {
      const calls = this.#calls;
      if (!this.#enabled) return asResult(calls.runAction(context, args)) as Promise<TR>;
      // The cost of an error grows with the depth of the stack: the error is created here, not deeper.
      return asResult(calls.protect(context, args) ?? calls.reject(openError(), args)) as Promise<TR>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sets the function that answers if the action fails, exceeds the timeout or may not run. It receives the arguments
   * of the call, and the error.
   *
   * @param func a function, or a breaker to fire.
   * @throws {TypeError} if `func` is neither.
   */
  fallback(func: ((...args: AnyValue[]) => unknown) | CircuitBreaker<AnyValue, unknown>): this {
    if (isBreaker(func)) {
      this.#calls.fallback = (...args) => func.fire(...args);
    } else if (typeof func === 'function' || func === undefined || func === null) {
      this.#calls.fallback = func ?? undefined;
    } else {
      throw new TypeError('Fallback must be a function or a CircuitBreaker');
    }
    return this;
  }

  /**
   * Calls `func` now and every `interval` milliseconds, with the breaker as `this`. The circuit opens if `func` throws
   * or rejects.
   *
   * @param interval milliseconds. Default, also for 0: 5 000.
   * @throws {TypeError} if `func` is no function, or `interval` no number of milliseconds.
   */
  healthCheck(func: (this: this) => unknown, interval?: number): void {
    this.#healthChecks.start(func, this, interval, (error) => {
      this.#emitter.emit('healthCheckFailed', error);
      this.open();
    });
  }

  /** Opens the circuit for `resetTimeout` milliseconds. */
  open(): void {
    if (!this.#isShutdown) this.#circuit.open();
  }

  /** Closes the circuit. */
  close(): void {
    if (!this.#isShutdown) this.#circuit.close();
  }

  /** Protects the action again, after {@link disable}. */
  enable(): void {
    if (this.#isShutdown) return;
    this.#enabled = true;
    this.#status.startListeneningForRotateEvent();
  }

  /** Stops protecting the action: calls run without circuit, timeout, semaphore, cache and fallback. */
  disable(): void {
    this.#enabled = false;
    this.#status.removeRotateBucketControllerListener();
  }

  /** Ends the breaker. It then rejects every call, and has no timer, no listener and no cached result. */
  shutdown(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#emitter.emit('shutdown');
    this.#isShutdown = true;
    this.#enabled = false;
    clearTimeout(this.#warmUpTimer);
    this.#calls.warmUp = false;
    this.#healthChecks.stop();
    this.#circuit.end();
    this.#status.shutdown();
    this.clearCache();
    this.removeAllListeners();
  }

  /** Removes all cached results and shared calls. */
  clearCache(): void {
    this.#calls.results.flush();
  }

  /** Returns the signal of `abortController`; undefined without `abortController` or `autoRenewAbortController`. */
  getSignal(): AbortSignal | undefined {
    return this.options.abortController?.signal;
  }

  /** Returns the controller of {@link getSignal}. */
  getAbortController(): AbortController | undefined {
    return this.options.abortController;
  }

  /** Replaces the controller if it has aborted and `autoRenewAbortController` is set. */
  renewAbortControllerIfNeeded(): void {
    const { options } = this;
    if (options.autoRenewAbortController && options.abortController?.signal.aborted === true) {
      options.abortController = new AbortController();
    }
  }

  /** @deprecated Name of {@link renewAbortControllerIfNeeded} in opossum. */
  _renewAbortControllerIfNeeded(): void {
    this.renewAbortControllerIfNeeded();
  }

  #is(state: CircuitState): boolean {
    return !this.#isShutdown && this.#circuit.state === state;
  }

  #startWarmUp(): void {
    this.#calls.warmUp = true;
    this.#warmUpTimer = setTimeout(() => (this.#calls.warmUp = false), this.options.rollingCountTimeout);
    this.#warmUpTimer.unref?.();
  }

  #restore({ shutdown, closed, open, halfOpen, lastTimerAt }: Partial<options.State>): void {
    if (shutdown === true) return this.shutdown();
    if (closed === true) return;
    if (halfOpen === true) return this.#circuit.halfOpen();
    if (open !== true && closed !== false) return;
    const { resetTimeout } = this.options;
    const elapsed = typeof lastTimerAt === 'number' ? Math.max(0, Date.now() - lastTimerAt) : 0;
    if (elapsed >= resetTimeout && resetTimeout > 0) this.#circuit.halfOpen();
    else this.#circuit.open(resetTimeout - elapsed || undefined);
  }

  #onTransition(state: CircuitState): void {
    if (state === 'OPEN') return this.#emitter.emit('open');
    this.renewAbortControllerIfNeeded();
    if (state === 'CLOSED') this.#emitter.emit('close');
    else this.#emitter.emit('halfOpen', this.options.resetTimeout);
  }
}

/** Whether `value` is a breaker. Outside of the class: a bundler renames a class that refers to itself. */
function isBreaker(value: unknown): value is CircuitBreaker {
  return value instanceof CircuitBreaker;
}

/** Returns the `name` of an action, or an empty string. */
function nameOf(action: unknown): string {
  const { name } = action as { name?: unknown };
  return typeof name === 'string' ? name : '';
}

/** Types under the name of the class, as in the types of opossum. */
// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to nest types in a class
export declare namespace CircuitBreaker {
  export type Options<Arguments extends unknown[] = unknown[]> = options.Options<Arguments>;
  export type State = options.State;
  export type CoalesceReset = options.CoalesceReset;
  export type Status = status.Status;
  export type StatusOptions = status.StatusOptions;
  export type Stats = status.Stats;
  export type Bucket = status.Bucket;
  export type Window = status.Window;
  export type Events<Arguments extends unknown[] = unknown[], Result = unknown> = BreakerEvents<Arguments, Result>;
  export type { BreakerError, CacheTransport };
}
