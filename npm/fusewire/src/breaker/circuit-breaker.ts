/// <reference lib="esnext.disposable" preserve="true" />
import type { BackendKind } from '../engine/backend.ts';
import { Circuit } from './circuit.ts';
import type { Work } from './circuit.ts';
import { OVERRIDE } from '../engine/codes.ts';
import type { CallContext } from '../run/call-context.ts';
import { createCircuit, restoreCircuit } from './create.ts';
import { BreakerDisposedError } from '../errors.ts';
import { EVENT_NAMES } from './events.ts';
import type { BreakerEventName, BreakerListener } from './events.ts';
import { readExplanation } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import type { CircuitBreakerOptions } from './options.ts';
import type { CallOptions } from '../run/call-options.ts';
import type { CallResult } from './results.ts';
import { takeSnapshot } from './snapshot.ts';
import type { BreakerSnapshot } from './snapshot.ts';
import { readStats } from './stats.ts';
import type { BreakerStats } from './stats.ts';
import { effectiveState, overrideOf } from '../engine/state-word.ts';
import type { CircuitState, Override } from '../engine/names.ts';

/** Not every runtime has it yet. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** The circuit of a breaker, for what is put together with it. */
export let circuitOf: (breaker: CircuitBreaker) => Circuit;

/**
 * A circuit breaker: it runs calls to something that may fail, and stops running them while it does.
 *
 * ```ts
 * const mpesa = new CircuitBreaker({ name: 'mpesa', failureThreshold: 3, timeout: 10_000 });
 * const token = await mpesa.execute(({ signal }) => fetchToken(signal));
 * ```
 *
 * What a call goes through is in `circuit.ts`; when the circuit opens, in `crates/breaker-core/src/rules.rs`.
 */
export class CircuitBreaker {
  readonly #circuit: Circuit;

  static {
    circuitOf = (breaker) => breaker.#circuit;
  }

  /**
   * Makes a breaker with a closed circuit.
   *
   * @throws {BreakerOptionsError} with everything that is wrong with the options; no breaker is made.
   * @throws {BackendLoadError} if the backend that was asked for cannot be loaded.
   */
  constructor(options?: CircuitBreakerOptions);
  /** @internal */
  constructor(options: undefined, restored: Circuit);
  constructor(options?: CircuitBreakerOptions, restored?: Circuit) {
    this.#circuit = restored instanceof Circuit ? restored : createCircuit(options);
  }

  /**
   * Makes a breaker that goes on where {@link toJSON} left off: state, window, totals, and what was left of the open time.
   *
   * @param options as for the constructor; the name defaults to that of the snapshot.
   * @throws {BreakerOptionsError} with everything that is wrong with the options and the snapshot.
   */
  static restore(snapshot: BreakerSnapshot, options?: CircuitBreakerOptions): CircuitBreaker {
    return breakerOf(restoreCircuit(snapshot, options));
  }

  /** The name in errors, events and stats. */
  get name(): string {
    return this.#circuit.name;
  }

  /** Which build of the engine runs. */
  get backend(): BackendKind {
    return this.#circuit.backend.kind;
  }

  /** The state that callers experience now. Reading it makes the transitions that time has made due. */
  get state(): CircuitState {
    return effectiveState(this.#usable().poll());
  }

  /** The standing order of an operator. */
  get override(): Override {
    return overrideOf(this.#usable().poll());
  }

  /** Whether {@link dispose} was called. */
  get disposed(): boolean {
    return this.#circuit.isDisposed;
  }

  /**
   * Runs `work` if the circuit admits it, and settles as it does: with the same value, or the same error.
   *
   * `work` is a function, which may throw, return a value, or return a promise; or a promise whose work already runs.
   *
   * Rejects with {@link CircuitOpenError} if the call is not admitted, with {@link CallTimeoutError} if it takes longer
   * than the option `timeout`, with the signal's reason if the caller's signal aborts, with {@link BreakerDisposedError}
   * after {@link dispose}, and with a `TypeError` if `work` or `options` are not what they should be. Never throws.
   */
  execute<T>(
    work: ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>,
    options?: CallOptions,
  ): Promise<Awaited<T>> {
    return this.#circuit.execute(work as Work, options) as Promise<Awaited<T>>;
  }

  /**
   * Like {@link execute}, but resolves with what became of the call. A call that is not admitted costs a fraction of a
   * rejection, for no error is made. Rejects only if the breaker was disposed, or `work` or `options` are not what they
   * should be.
   */
  tryExecute<T>(
    work: ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>,
    options?: CallOptions,
  ): Promise<CallResult<Awaited<T>>> {
    return this.#circuit.tryExecute(work as Work, options) as Promise<CallResult<Awaited<T>>>;
  }

  /**
   * A function that runs `fn` through this breaker, with the same arguments and the same `this`.
   *
   * @throws {TypeError} if `fn` is no function.
   */
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>> {
    const circuit = this.#circuit;
    if (typeof fn !== 'function') throw new TypeError(`Circuit breaker ${circuit.name}: wrap takes a function`);
    return function (this: This, ...args: Arguments) {
      return circuit.execute(() => fn.apply(this, args), undefined) as Promise<Awaited<R>>;
    };
  }

  /** Everything that is counted, as of now. */
  getStats(): BreakerStats {
    return readStats(this.#usable());
  }

  /** The numbers behind the last decision and the next one. */
  explain(): Explanation {
    return readExplanation(this.#usable());
  }

  /**
   * Rejects every call until it is released. Several holders are counted: it ends with the last.
   *
   * @returns releases this hold, once; after {@link reset} or another override it does nothing.
   */
  forceOpen(): () => void {
    const circuit = this.#usable();
    if (this.override !== 'FORCED_OPEN') circuit.overrideVersion++;
    circuit.change((backend, handle, now) => backend.setOverride(handle, OVERRIDE.FORCED_OPEN, now));
    return releaseOnce(circuit, () => {
      circuit.change((backend, handle, now) => backend.releaseForcedOpen(handle, now));
    });
  }

  /**
   * Admits every call and records it; the circuit does not open. Replaces any other override.
   *
   * @returns releases it; after {@link reset} or another override it does nothing.
   */
  forceClosed(): () => void {
    return this.#override(OVERRIDE.FORCED_CLOSED);
  }

  /**
   * Evaluates every rule and tells what would have happened (`stateChange` with `shadow: true`), but admits every call.
   * Replaces any other override.
   *
   * @returns releases it; after {@link reset} or another override it does nothing.
   */
  shadow(): () => void {
    return this.#override(OVERRIDE.SHADOW);
  }

  /** Releases the override, whoever holds it. */
  releaseOverride(): void {
    this.#override(OVERRIDE.NONE);
  }

  /** Closes the circuit, empties the window and releases any override. Lifetime totals stay. */
  reset(): void {
    const circuit = this.#usable();
    circuit.overrideVersion++;
    circuit.change((backend, handle, now) => backend.reset(handle, now));
    if (circuit.listeners?.has('reset')) circuit.listeners.emit('reset', { breaker: circuit.name });
  }

  /** A snapshot for {@link CircuitBreaker.restore}. */
  toJSON(): BreakerSnapshot {
    return takeSnapshot(this.#usable());
  }

  /**
   * Has `listener` told of every event of that name, right after the decision. It can do the caller no harm: see
   * {@link BreakerListener}.
   *
   * @returns takes the listener out again.
   * @throws {TypeError} if there is no such event, or `listener` is no function.
   */
  on<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>): () => void {
    return this.#listen(event, listener, false);
  }

  /** Like {@link on}, for the next event only. */
  once<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>): () => void {
    return this.#listen(event, listener, true);
  }

  /** Takes out the listener that was added last, if it is there. */
  off<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>): void {
    this.#circuit.listeners?.remove(event, listener);
  }

  /**
   * Gives the breaker up, and the engine's memory for it. Calls in flight still hand their results to their callers;
   * later ones reject with {@link BreakerDisposedError}. A breaker that is merely dropped is given up when it is collected.
   */
  dispose(): void {
    this.#circuit.dispose();
  }

  /** The same as {@link dispose}, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  #usable(): Circuit {
    if (this.#circuit.isDisposed) throw new BreakerDisposedError(this.#circuit.name);
    return this.#circuit;
  }

  #override(order: number): () => void {
    const circuit = this.#usable();
    circuit.overrideVersion++;
    const set = (code: number) => circuit.change((backend, handle, now) => backend.setOverride(handle, code, now));
    set(order);
    return releaseOnce(circuit, () => set(OVERRIDE.NONE));
  }

  #listen<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>, once: boolean): () => void {
    const circuit = this.#usable();
    if (!EVENT_NAMES.includes(event)) {
      throw new TypeError(`Circuit breaker ${circuit.name}: there is no event ${JSON.stringify(String(event))}`);
    }
    if (typeof listener !== 'function') {
      throw new TypeError(`Circuit breaker ${circuit.name}: a listener must be a function`);
    }
    return circuit.ensureListeners().add(event, listener, once);
  }
}

/** Outside of the class, which a bundler would rename if it named itself. */
function breakerOf(circuit: Circuit): CircuitBreaker {
  return new CircuitBreaker(undefined, circuit);
}

/** Releases an override once, unless another one has taken its place. */
function releaseOnce(circuit: Circuit, release: () => void): () => void {
  const held = circuit.overrideVersion;
  let isHeld = true;
  return () => {
    if (!isHeld || circuit.overrideVersion !== held || circuit.isDisposed) return;
    isHeld = false;
    release();
  };
}
