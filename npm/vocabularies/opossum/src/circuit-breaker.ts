import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { CircuitState } from 'fusewire';
import type { Anything } from './anything.ts';
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
import { shortened } from './reading.ts';
import type { Semaphore } from './semaphore.ts';
import { Status } from './status.ts';
import type * as status from './status.ts';
import { Voice } from './voice.ts';

/** What a breaker runs: a function, or something to resolve with. */
export type Action<Arguments extends unknown[], Result> = (...args: Arguments) => Result | PromiseLike<Result>;

const UNNAMED = 'unnamed';

/**
 * A breaker with the interface of opossum, whose circuit is kept by the engine of fusewire.
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
  /** Counts the events of a breaker. */
  static readonly Status: typeof Status = Status;

  /** The options, with what was left out filled in. */
  readonly options: options.Settings;

  /** What each call runs, or resolves with. */
  readonly action: unknown;

  readonly #status: Status;
  readonly #circuit: Circuit;
  readonly #calls: Calls;
  readonly #voice: Voice;
  readonly #healthChecks = new HealthChecks();
  readonly #name: string;
  readonly #group: string;
  #enabled: boolean;
  #isEnding = false;
  #isShutdown = false;
  #warmUpTimer: NodeJS.Timeout | undefined;

  /**
   * @param action what may fail.
   * @throws {TypeError} if there is no action.
   * @throws {BreakerOptionsError} with everything that is wrong with the options.
   */
  constructor(action: Action<TI, TR>, options?: options.Options<TI>);
  /** @param action what each call resolves with, or a promise of it. */
  constructor(action: PromiseLike<TR> | (TR & object) | string, options?: options.Options<TI>);
  constructor(action: unknown, given: options.Options<TI> = {}) {
    super();
    if (!action) {
      throw new TypeError('No action provided. Cannot construct a CircuitBreaker without an invocable action.');
    }
    const settings = readSettings(given, nameOf(action) || UNNAMED);
    const { state = {} } = settings;
    this.action = action;
    this.options = settings;
    this.#name = settings.name ?? (nameOf(action) || state.name || randomUUID());
    this.#group = settings.group ?? this.#name;
    this.#enabled = state.enabled ?? settings.enabled;
    this.#status = settings.status ?? new Status(settings);
    if (settings.autoRenewAbortController) settings.abortController ??= new AbortController();
    this.#voice = new Voice(this, this.#name);
    this.#circuit = new Circuit({
      name: shortened(this.#name),
      resetTimeout: settings.resetTimeout,
      timeout: settings.timeout || 0,
      moved: (moved) => this.#moved(moved),
    });
    this.#calls = new Calls({
      breaker: this,
      action,
      options: settings,
      status: this.#status,
      circuit: this.#circuit,
      voice: this.#voice,
    });
    for (const [event, count] of COUNTED) this.on(event, count(this.#status));
    if (state.warmUp === true || settings.allowWarmUp) this.#startWarmUp();
    this.#restore(state);
  }

  /** Whether a breaker made that error, and not an action. */
  static isOurError(error: unknown): error is BreakerError {
    return isOurError(error);
  }

  /** A status with counts to begin with, for the option `status`. */
  static newStatus(options?: status.StatusOptions): Status {
    return new Status(options);
  }

  /** The name of the breaker. */
  get name(): string {
    return this.#name;
  }

  /** The name of its group. */
  get group(): string {
    return this.#group;
  }

  /** Whether it protects: see {@link disable}. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Whether the circuit is half-open and the next call is the one that decides. */
  get pendingClose(): boolean {
    return !this.#isShutdown && this.#circuit.awaitsProbe;
  }

  /** Whether calls go through. */
  get closed(): boolean {
    return this.#is('CLOSED');
  }

  /** Whether calls are rejected. */
  get opened(): boolean {
    return this.#is('OPEN');
  }

  /** Whether one call may go through, to see whether the circuit can close. */
  get halfOpen(): boolean {
    return this.#is('HALF_OPEN');
  }

  /** Whether {@link shutdown} was called. */
  get isShutdown(): boolean {
    return this.#isShutdown;
  }

  /** What counts the events of this breaker. */
  get status(): Status {
    return this.#status;
  }

  /** What it has counted over the last while. */
  get stats(): status.Stats {
    return this.#status.stats;
  }

  /** Whether the circuit is not to open yet: see the option `allowWarmUp`. */
  get warmUp(): boolean {
    return this.#calls.warmUp;
  }

  /** The places for actions that run at once. */
  get semaphore(): Semaphore {
    return this.#calls.semaphore;
  }

  /** How many calls the window must hold before the circuit opens. */
  get volumeThreshold(): number {
    return this.options.volumeThreshold;
  }

  /** State and stats as plain data, for the options `state` and `status` of another breaker. */
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
   * Runs the action with these arguments. Resolves and rejects as it does; where it fails, takes too long or may not run,
   * with what the fallback returns, if there is one.
   */
  fire(...args: TI): Promise<TR> {
    return this.call(this.action, ...args);
  }

  /** Like {@link fire}, with another `this` for the action. */
  call(context: unknown, ...args: TI): Promise<TR> {
    if (this.#isShutdown) return Promise.reject(shutdownError());
    this.#voice.tell('fire', args);
    try {
      const calls = this.#calls;
      if (!this.#enabled) return asResult(calls.act(context, args)) as Promise<TR>;
      // An error costs what its stack is long: it is made here, and not further down.
      return asResult(calls.protect(context, args) ?? calls.reject(openError(), args)) as Promise<TR>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Has `func` answer where the action fails, takes too long or may not run. It gets the arguments of the call and the
   * error.
   *
   * @param func a function, or a breaker to fire.
   * @throws {TypeError} if it is neither.
   */
  fallback(func: ((...args: Anything[]) => unknown) | CircuitBreaker<Anything, unknown>): this {
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
   * Has `func` called now and every `interval` milliseconds, with the breaker as `this`. Where it throws or rejects, the
   * circuit opens.
   *
   * @param interval milliseconds. Default 5 000.
   * @throws {TypeError} if `func` is no function, or `interval` no number of milliseconds.
   */
  healthCheck(func: (this: this) => unknown, interval?: number): void {
    this.#healthChecks.start(func, this, interval, (error) => {
      this.#voice.tell('healthCheckFailed', error);
      this.open();
    });
  }

  /** Opens the circuit, for as long as a failure would. */
  open(): void {
    if (!this.#isShutdown) this.#circuit.open();
  }

  /** Closes the circuit. */
  close(): void {
    if (!this.#isShutdown) this.#circuit.close();
  }

  /** Protects again. */
  enable(): void {
    if (this.#isShutdown) return;
    this.#enabled = true;
    this.#status.startListeneningForRotateEvent();
  }

  /** Runs every action from now on, without circuit, timeout, semaphore, cache and fallback. */
  disable(): void {
    this.#enabled = false;
    this.#status.removeRotateBucketControllerListener();
  }

  /** Ends the breaker: it rejects every call, and keeps no timer, no listener and no result any more. */
  shutdown(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#voice.tell('shutdown');
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

  /** Forgets the results that were kept, and the calls that are shared. */
  clearCache(): void {
    this.#calls.results.flush();
  }

  /** The signal to give to the action; undefined without the options that make one. */
  getSignal(): AbortSignal | undefined {
    return this.options.abortController?.signal;
  }

  /** The controller of that signal. */
  getAbortController(): AbortController | undefined {
    return this.options.abortController;
  }

  /** Makes a new controller where the present one has aborted, if `autoRenewAbortController` is set. */
  renewAbortControllerIfNeeded(): void {
    const { options } = this;
    if (options.autoRenewAbortController && options.abortController?.signal.aborted === true) {
      options.abortController = new AbortController();
    }
  }

  /** @deprecated Another name of {@link renewAbortControllerIfNeeded}, which is public. */
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

  #moved(state: CircuitState): void {
    if (state === 'OPEN') return this.#voice.tell('open');
    this.renewAbortControllerIfNeeded();
    if (state === 'CLOSED') this.#voice.tell('close');
    else this.#voice.tell('halfOpen', this.options.resetTimeout);
  }
}

/** Outside of the class, which a bundler would rename if it named itself. */
function isBreaker(value: unknown): value is CircuitBreaker {
  return value instanceof CircuitBreaker;
}

/** What a function, or whatever else the action is, calls itself. */
function nameOf(action: unknown): string {
  const { name } = action as { name?: unknown };
  return typeof name === 'string' ? name : '';
}

/** The types of a breaker under its name, as users of opossum know them. */
// eslint-disable-next-line @typescript-eslint/no-namespace -- a class can hold types in no other way
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
