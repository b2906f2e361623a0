import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { AnyValue } from './any-value.ts';
import { runAction } from './attempt.ts';
import type { CacheTransport } from './cache.ts';
import { BreakerCore } from './core.ts';
import { isOurError, openError, shutdownError } from './errors.ts';
import type { BreakerError, ErrorCode } from './errors.ts';
import type { BreakerEvents } from './events.ts';
import { INTERNALS, setInternals } from './internals.ts';
import { adjustable, readSettings } from './options.ts';
import type * as options from './options.ts';
import { asResult } from './promises.ts';
import { createSemaphore } from './semaphore.ts';
import type { Semaphore } from './semaphore.ts';
import { Status } from './status.ts';
import type * as status from './status.ts';
import type * as window from './window.ts';

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
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- types of inherited methods
export class CircuitBreaker<TI extends unknown[] = unknown[], TR = unknown> extends EventEmitter {
  /** Class of `status`, which counts the events of a breaker. */
  static readonly Status: typeof Status = Status;

  /** Options with their defaults. New values of them are validated, and take effect with the next call. */
  declare readonly options: options.Settings;

  /** The protected function. Another one takes effect with the next call. */
  action: (...args: AnyValue[]) => unknown;

  /** Semaphore of the actions that run at the same time. */
  semaphore: Semaphore;

  /** @internal */
  declare readonly [INTERNALS]: () => BreakerCore;

  /**
   * @param action function to protect.
   * @throws {TypeError} if there is no action.
   * @throws {OptionsError} with every invalid option.
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
    const name = settings.name ?? (nameOf(action) || settings.state?.name || randomUUID());
    const value = adjustable(settings, name);
    Object.defineProperty(this, 'options', { value, enumerable: true, configurable: true });
    this.action = typeof action === 'function' ? (action as Action<TI, TR>) : () => Promise.resolve(action);
    this.semaphore = createSemaphore(settings.capacity);
    const core = new BreakerCore(this, settings, name);
    setInternals(this, core);
    core.start();
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
    return this[INTERNALS]().name;
  }

  /** Value of the option `group`, or its default. */
  get group(): string {
    return this[INTERNALS]().group;
  }

  /** Whether the breaker protects the action: see {@link disable}. */
  get enabled(): boolean {
    return this[INTERNALS]().enabled;
  }

  /** Whether the circuit is half-open and the next call is the probe. */
  get pendingClose(): boolean {
    const core = this[INTERNALS]();
    return !core.isShutdown && core.circuit.awaitsProbe;
  }

  /** Whether the circuit is closed: all calls run. */
  get closed(): boolean {
    return this[INTERNALS]().is('CLOSED');
  }

  /** Whether the circuit is open: calls are rejected. */
  get opened(): boolean {
    return this[INTERNALS]().is('OPEN');
  }

  /** Whether the circuit is half-open: one call runs, and decides whether the circuit closes. */
  get halfOpen(): boolean {
    return this[INTERNALS]().is('HALF_OPEN');
  }

  /** Whether {@link shutdown} was called. */
  get isShutdown(): boolean {
    return this[INTERNALS]().isShutdown;
  }

  /** Status that counts the events of this breaker. */
  get status(): Status {
    return this[INTERNALS]().status;
  }

  /** Sums over the rolling window. */
  get stats(): status.Stats {
    return this[INTERNALS]().status.stats;
  }

  /** Whether failures cannot open the circuit yet: see the option `allowWarmUp`. */
  get warmUp(): boolean {
    return this[INTERNALS]().calls.warmUp;
  }

  /** Number of calls in the window below which the circuit does not open. */
  get volumeThreshold(): number {
    return this.options.volumeThreshold;
  }

  /** Returns state and stats as plain data, for the options `state` and `status` of another breaker. */
  toJSON(): { state: options.State; status: status.Stats } {
    return {
      state: {
        name: this.name,
        enabled: this.enabled,
        closed: this.closed,
        open: this.opened,
        halfOpen: this.halfOpen,
        warmUp: this.warmUp,
        shutdown: this.isShutdown,
        lastTimerAt: this[INTERNALS]().circuit.openedAt,
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
    const core = this[INTERNALS]();
    if (core.isShutdown) return Promise.reject(shutdownError());
    core.emitter.emit('fire', args);
    try {
      const { calls } = core;
      if (!core.enabled) return asResult(runAction(this.action, context, args)) as Promise<TR>;
      // The cost of an error grows with the depth of the stack: the error is created here, not deeper.
      return asResult(calls.protect(this, context, args) ?? calls.reject(openError(), args)) as Promise<TR>;
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
    const { calls } = this[INTERNALS]();
    if (isBreaker(func)) {
      calls.fallback = (...args) => func.fire(...args);
    } else if (typeof func === 'function' || func === undefined || func === null) {
      calls.fallback = func ?? undefined;
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
    const { healthChecks, emitter } = this[INTERNALS]();
    healthChecks.start(func, this, interval, (error) => {
      emitter.emit('healthCheckFailed', error);
      this.open();
    });
  }

  /** Opens the circuit for `resetTimeout` milliseconds. */
  open(): void {
    const { isShutdown, circuit } = this[INTERNALS]();
    if (!isShutdown) circuit.open();
  }

  /** Closes the circuit. */
  close(): void {
    const { isShutdown, circuit } = this[INTERNALS]();
    if (!isShutdown) circuit.close();
  }

  /** Protects the action again, after {@link disable}. */
  enable(): void {
    const core = this[INTERNALS]();
    if (core.isShutdown) return;
    core.enabled = true;
    core.status.startListeneningForRotateEvent();
  }

  /** Stops protecting the action: calls run without circuit, timeout, semaphore, cache and fallback. */
  disable(): void {
    const core = this[INTERNALS]();
    core.enabled = false;
    core.status.removeRotateBucketControllerListener();
  }

  /** Ends the breaker. It then rejects every call, and has no timer, no listener and no cached result. */
  shutdown(): void {
    this[INTERNALS]().shutdown();
  }

  /** Removes all cached results and shared calls. */
  clearCache(): void {
    this[INTERNALS]().calls.results.flush();
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
    this[INTERNALS]().renewAbortController();
  }

  /** @deprecated Name of {@link renewAbortControllerIfNeeded} in opossum. */
  _renewAbortControllerIfNeeded(): void {
    this.renewAbortControllerIfNeeded();
  }
}

type Listener<TI extends unknown[], TR, Name extends keyof BreakerEvents> = (
  ...args: BreakerEvents<TI, TR>[Name]
) => void;
type AnyListener = (...args: AnyValue[]) => void;

/** Methods of an emitter with the types of the events. As in the types of opossum, only `on` is limited to them. */
export interface CircuitBreaker<TI extends unknown[] = unknown[], TR = unknown> {
  on<E extends keyof BreakerEvents>(event: E, listener: Listener<TI, TR, E>): this;
  addListener<E extends keyof BreakerEvents>(event: E, listener: Listener<TI, TR, E>): this;
  addListener(event: string | symbol, listener: AnyListener): this;
  once<E extends keyof BreakerEvents>(event: E, listener: Listener<TI, TR, E>): this;
  once(event: string | symbol, listener: AnyListener): this;
  prependListener<E extends keyof BreakerEvents>(event: E, listener: Listener<TI, TR, E>): this;
  prependListener(event: string | symbol, listener: AnyListener): this;
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
  export type Settings = options.Settings;
  export type CoalesceReset = options.CoalesceReset;
  export type Status = status.Status;
  export type StatusOptions = status.StatusOptions;
  export type RotateBucketController = status.RotateBucketController;
  export type Stats = status.Stats;
  export type Bucket = window.Bucket;
  export type Counter = window.Counter;
  export type Window = window.Window;
  export type Events<Arguments extends unknown[] = unknown[], Result = unknown> = BreakerEvents<Arguments, Result>;
  export type MemoryCache = CacheTransport;
  export type { Action, BreakerError, BreakerEvents, CacheTransport, ErrorCode, Semaphore };
}
