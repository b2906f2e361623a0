/// <reference lib="esnext.disposable" preserve="true" />
import type { BackendKind } from '../engine/backend.ts';
import { Circuit } from './circuit.ts';
import type { Work } from './call.ts';
import { OVERRIDE } from '../engine/codes.ts';
import type { CallContext } from '../run/call-context.ts';
import { createCircuit, restoreCircuit } from './create.ts';
import { DISPOSE } from './permit.ts';
import type { Permit } from './permit.ts';
import { BreakerDisposedError } from '../errors/breaker-disposed-error.ts';
import { checkSubscription } from '../run/event-listeners.ts';
import { EVENT_NAMES } from './events.ts';
import type { BreakerEventName, BreakerListener } from './events.ts';
import { readExplanation } from './explanation.ts';
import { INSPECT, inspected } from './inspection.ts';
import type { Inspect, InspectOptions } from './inspection.ts';
import type { Explanation } from './explanation.ts';
import type { CircuitBreakerOptions, UpdateOptions } from './options.ts';
import { readDuration } from './open-duration.ts';
import { tryUpdate, updateCircuit } from './update.ts';
import type { ShadowUpdate } from './update.ts';
import type { CallOptions } from '../run/call-options.ts';
import type {
  IfSpecial,
  SpecialResult,
  SpecialValue,
  StreamOptions,
  StreamResult,
  StreamSource,
} from '../run/stream-types.ts';
import { streamThrough } from './stream-runner.ts';
import { wrapFunction } from '../run/wrap.ts';
import type { CallResult } from '../run/results.ts';
import type { Runner } from '../run/runner.ts';
import { takeSnapshot } from './snapshot.ts';
import type { BreakerSnapshot } from './snapshot.ts';
import { readStats } from './stats.ts';
import type { BreakerStats } from './stats.ts';
import { effectiveState, overrideOf } from '../engine/state-word.ts';
import type { CircuitState, Override } from '../engine/names.ts';

/** Returns the circuit of a breaker, for policies that contain it. */
export let circuitOf: (breaker: CircuitBreaker) => Circuit;

/**
 * Circuit breaker: runs calls to a dependency, and rejects them while the dependency fails.
 *
 * ```ts
 * const mpesa = new CircuitBreaker({ name: 'mpesa', failureThreshold: 3, timeout: 10_000 });
 * const token = await mpesa.execute(({ signal }) => fetchToken(signal));
 * ```
 *
 * `circuit.ts` has the steps of a call, and `crates/breaker-core/src/rules.rs` the rules that open the circuit.
 */
export class CircuitBreaker implements Runner {
  readonly #circuit: Circuit;

  static {
    circuitOf = (breaker) => breaker.#circuit;
  }

  /**
   * Creates a breaker with a closed circuit.
   *
   * @throws {OptionsError} with every problem of the options.
   * @throws {EngineLoadError} if the requested backend cannot be loaded.
   */
  constructor(options?: CircuitBreakerOptions);
  /** @internal */
  constructor(options: undefined, restored: Circuit);
  constructor(options?: CircuitBreakerOptions, restored?: Circuit) {
    this.#circuit = restored instanceof Circuit ? restored : createCircuit(options);
  }

  /**
   * Creates a breaker from a snapshot of {@link toJSON}: state, window, totals and the rest of the open time.
   *
   * The time of day since the snapshot's `savedAt` counts as elapsed, up to 365 days. If the clock was set back, nothing has
   * elapsed. With the option `clock`, or without `savedAt`, the breaker continues as if no time had passed.
   *
   * @param options options as for the constructor; the name defaults to that of the snapshot.
   * @throws {OptionsError} with every problem of the options and the snapshot.
   */
  static restore(snapshot: BreakerSnapshot, options?: CircuitBreakerOptions): CircuitBreaker {
    return breakerOf(restoreCircuit(snapshot, options));
  }

  /** Name in errors, events and stats. */
  get name(): string {
    return this.#circuit.name;
  }

  /** Build of the engine that this breaker runs on. */
  get backend(): BackendKind {
    return this.#circuit.backend.kind;
  }

  /** State that callers experience now; `'CLOSED'` while the breaker is disabled. Reading it makes every due transition. */
  get state(): CircuitState {
    const circuit = this.#usable();
    return circuit.enabled ? effectiveState(circuit.poll()) : 'CLOSED';
  }

  /** Override that an operator has set. */
  get override(): Override {
    return overrideOf(this.#usable().poll());
  }

  /** Whether the breaker protects its calls: the option `enabled`, as {@link update} has set it. */
  get enabled(): boolean {
    return this.#circuit.enabled;
  }

  /** Whether {@link dispose} was called. */
  get disposed(): boolean {
    return this.#circuit.isDisposed;
  }

  /**
   * Runs `work` if the circuit admits the call, and settles with its value or its error.
   *
   * `work` is a function, which may throw, return a value or return a promise. It can also be a promise whose work already
   * runs. The option `observables` decides about a function that returns an Observable.
   *
   * Rejects with {@link CircuitOpenError} if the call is not admitted. Rejects with {@link CallTimeoutError} if it takes longer
   * than the option `timeout`, and with the signal's reason if the caller's signal aborts. Rejects with
   * {@link BreakerDisposedError} after {@link dispose}, and with a `TypeError` if `work` or `options` are invalid. Never throws.
   */
  execute<Result extends SpecialResult>(
    work: ((context: CallContext) => Result) & IfSpecial<Result>,
    options?: CallOptions,
  ): Promise<SpecialValue<Result>>;
  execute<T>(
    work: ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>,
    options?: CallOptions,
  ): Promise<Awaited<T>>;
  execute<T>(
    work: ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>,
    options?: CallOptions,
  ): Promise<Awaited<T>> {
    return this.#circuit.execute(work as Work, options) as Promise<Awaited<T>>;
  }

  /**
   * Runs `work` like {@link execute}, but resolves with a result object. A call that is not admitted costs a fraction of a
   * rejection, because its error is created when it is first read. Rejects only if the breaker was disposed, or `work` or
   * `options` are invalid.
   */
  tryExecute<Result extends SpecialResult>(
    work: ((context: CallContext) => Result) & IfSpecial<Result>,
    options?: CallOptions,
  ): Promise<CallResult<SpecialValue<Result>>>;
  tryExecute<T>(
    work: ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>,
    options?: CallOptions,
  ): Promise<CallResult<Awaited<T>>>;
  tryExecute<T>(
    work: ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>,
    options?: CallOptions,
  ): Promise<CallResult<Awaited<T>>> {
    return this.#circuit.tryExecute(work as Work, options) as Promise<CallResult<Awaited<T>>>;
  }

  /**
   * Returns a function that runs `fn` through this breaker. `fn` receives the context of the call, whose `signal` aborts when
   * the call times out, and then the arguments; `this` stays the same.
   *
   * ```ts
   * const fetchUser = breaker.wrap(({ signal }, id: string) => fetch(`/users/${id}`, { signal }));
   * ```
   *
   * @throws {TypeError} if `fn` is not a function.
   */
  wrap<This, Arguments extends unknown[], Result extends SpecialResult>(
    fn: ((this: This, call: CallContext, ...args: Arguments) => Result) & IfSpecial<Result>,
  ): (this: This, ...args: Arguments) => Promise<SpecialValue<Result>>;
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>>;
  wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, call: CallContext, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>> {
    return wrapFunction(`Circuit breaker ${this.name}`, fn, (work) => this.execute(work));
  }

  /**
   * Admits a call whose work cannot be one function, such as a stream or a message that is acknowledged later. Returns its
   * permit, by which the outcome is settled.
   *
   * ```ts
   * using permit = breaker.acquire();
   * for await (const chunk of await download(permit.signal)) await sink.write(chunk);
   * permit.succeed();
   * ```
   *
   * @throws {CircuitOpenError} if the call is not admitted.
   * @throws {BreakerDisposedError} after {@link dispose}, and the signal's reason if it has aborted.
   */
  acquire(options?: CallOptions): Permit {
    return this.#circuit.acquire(options);
  }

  /**
   * Resolves when a call may be admitted: now, at the end of the open time, when a probe is free, or when an operator
   * releases the circuit. It reserves nothing: another caller may be faster, and the call is then rejected as usual.
   *
   * A circuit that closes releases all waiting callers. A circuit that is half-open, or lets traffic back in gradually,
   * releases one at a time, in the order of arrival. It does so only while it would admit a call. The end of the open time
   * keeps the process alive while somebody waits for it; an operator's hold does not.
   *
   * Rejects with the signal's reason if the signal aborts or has aborted, whatever the state of the circuit. Rejects with
   * {@link BreakerDisposedError} once the breaker is disposed.
   */
  ready(options?: CallOptions): Promise<void> {
    return this.#circuit.ready(options);
  }

  /**
   * Runs `work`, which returns an async iterable or a `ReadableStream`, if the circuit admits the call. The call starts at once,
   * and lasts until the stream ends. It counts as a success then. If the stream breaks, it counts as a failure. If the consumer
   * stops early, it counts neither way, but as slow if it had run for `slowCallDuration`.
   *
   * The result can be iterated. Awaited, it is the stream, once the first item has arrived: a `ReadableStream` if `work` returns
   * one, or else an async iterator. Errors before the first item reject it.
   *
   * ```ts
   * for await (const token of breaker.executeStream(({ signal }) => generate(prompt, { signal }))) print(token);
   * ```
   *
   * The option `timeout` of the breaker limits the time to the first item, and not the whole stream. `firstItem` replaces it,
   * and `betweenItems` limits the time until each further item.
   */
  executeStream<Source extends StreamSource>(
    work: (context: CallContext) => Source | PromiseLike<Source>,
    options?: StreamOptions,
  ): StreamResult<Source> {
    return streamThrough(this.#circuit, work, options);
  }

  /** Returns all counters as of now. */
  getStats(): BreakerStats {
    return readStats(this.#usable());
  }

  /** Returns the numbers behind the last decision and the next one. */
  explain(): Explanation {
    return readExplanation(this.#usable());
  }

  /**
   * Opens the circuit now. It recovers by itself, like after an opening by a rule, and the event `stateChange` has the reason
   * `'manual'`. An open circuit starts its open time anew. Does nothing while the circuit is forced open or closed.
   *
   * With `scope: 'process'`, the circuit opens for every thread.
   *
   * @param duration milliseconds until the first probe: 1 to 31 536 000 000. Default: the open time of the breaker.
   * @throws {OptionsError} if `duration` is not such a number.
   */
  open(duration?: number): void {
    const circuit = this.#usable();
    const millis = readDuration(circuit.name, duration);
    circuit.change((backend, handle, now) => backend.open(handle, millis, now));
  }

  /**
   * Changes options at runtime. Options that are not named stay. `false` turns a rule off. State, window and totals stay, and
   * new thresholds apply from the next outcome on. If no threshold is left, the default rules apply.
   *
   * With `{ shadow: true }` a candidate with the new options only observes the calls from now on. The transitions that it
   * makes are emitted with `shadow: true`. `apply()` of the returned object applies the update, and `cancel()` drops it.
   * `timeout` and `enabled` have no effect in shadow.
   *
   * With `scope: 'process'`, `timeout` and `enabled` hold for this thread, and all other options for every thread: the last
   * update of any thread wins, with the options of that thread as a whole. A candidate observes the calls of this thread.
   *
   * @throws {OptionsError} with every problem of the options; nothing changes then.
   */
  update(options: UpdateOptions): void;
  update(options: UpdateOptions, how: { readonly shadow: true }): ShadowUpdate;
  update(options: UpdateOptions, how?: { readonly shadow?: boolean | undefined }): ShadowUpdate | undefined;
  update(options: UpdateOptions, how?: { readonly shadow?: boolean | undefined }): ShadowUpdate | undefined {
    const circuit = this.#usable();
    if (how?.shadow === true) return tryUpdate(circuit, options);
    updateCircuit(circuit, options);
    return undefined;
  }

  /**
   * Forces the circuit open: rejects every call until every `forceOpen` call is released.
   *
   * With `scope: 'process'`, the hold also ends with this thread, and with {@link dispose}.
   *
   * @returns a function that releases this call's hold, once; after {@link reset}, {@link releaseOverride} or another
   *   override it does nothing.
   */
  forceOpen(): () => void {
    return this.#override(OVERRIDE.FORCED_OPEN);
  }

  /**
   * Forces the circuit closed: admits and counts every call, and never opens. Replaces any other override.
   *
   * @returns a function that releases the override; after {@link reset} or another override it does nothing.
   */
  forceClosed(): () => void {
    return this.#override(OVERRIDE.FORCED_CLOSED);
  }

  /**
   * Starts shadow mode: admits every call, and emits the transitions that would have happened (`stateChange` with
   * `shadow: true`). Replaces any other override.
   *
   * @returns a function that ends shadow mode; after {@link reset} or another override it does nothing.
   */
  shadow(): () => void {
    return this.#override(OVERRIDE.SHADOW);
  }

  /** Releases any override. */
  releaseOverride(): void {
    this.#override(OVERRIDE.NONE);
  }

  /** Closes the circuit, empties the window and releases any override. Lifetime totals stay. */
  reset(): void {
    const circuit = this.#usable();
    circuit.change((backend, handle, now) => backend.reset(handle, now));
    if (circuit.listeners?.has('reset')) circuit.listeners.emit('reset', { breaker: circuit.name });
  }

  /** Returns a snapshot for {@link CircuitBreaker.restore}. */
  toJSON(): BreakerSnapshot {
    return takeSnapshot(this.#usable());
  }

  /**
   * Calls `listener` for every event of that name, right after the decision. A listener cannot fail a call: see
   * {@link BreakerListener}.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>): () => void {
    return this.#listen(event, listener, false);
  }

  /** Calls `listener` like {@link on}, but only for the next event. */
  once<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>): () => void {
    return this.#listen(event, listener, true);
  }

  /** Removes the latest subscription of `listener`, if there is one. */
  off<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>): void {
    this.#circuit.listeners?.remove(event, listener);
  }

  /**
   * Disposes of the breaker and frees its memory in the engine. Calls in flight still settle; later calls reject with
   * {@link BreakerDisposedError}. A breaker that is no longer referenced is freed when it is collected. With
   * `scope: 'process'`, the other threads keep the breaker, without the calls in flight and the overrides of this one.
   */
  dispose(): void {
    this.#circuit.dispose();
  }

  /** Disposes of the breaker at the end of a `using` block; see {@link dispose}. */
  [DISPOSE](): void {
    this.dispose();
  }

  /**
   * Prints the name, the state and the main counters. Like `state`, it first makes every transition that is due, so that the
   * output never shows a state that has ended.
   *
   * @internal
   */
  [INSPECT](depth: number | null, options?: InspectOptions, inspect?: Inspect): unknown {
    return inspected('CircuitBreaker', () => summaryOf(this.#circuit), depth, options, inspect);
  }

  #usable(): Circuit {
    if (this.#circuit.isDisposed) throw new BreakerDisposedError(this.#circuit.name);
    return this.#circuit;
  }

  #override(code: number): () => void {
    const circuit = this.#usable();
    let hold: number | undefined;
    circuit.change((backend, handle, now) => {
      hold = backend.setOverride(handle, code, now);
      return backend.word(handle);
    });
    return () => {
      const held = hold;
      if (held === undefined || circuit.isDisposed) return;
      hold = undefined;
      circuit.change((backend, handle, now) => backend.release(handle, held, now));
    };
  }

  #listen<Name extends BreakerEventName>(event: Name, listener: BreakerListener<Name>, once: boolean): () => void {
    const circuit = this.#usable();
    checkSubscription(`Circuit breaker ${circuit.name}`, EVENT_NAMES, event, listener);
    return circuit.ensureListeners().add(event, listener, once);
  }
}

/** Creates the breaker of a circuit. It is outside of the class, because bundlers rename a class that refers to itself. */
function breakerOf(circuit: Circuit): CircuitBreaker {
  return new CircuitBreaker(undefined, circuit);
}

function summaryOf(circuit: Circuit): object {
  if (circuit.isDisposed) return { name: circuit.name, disposed: true };
  const { name, state, inFlight, failureCount, successCount, totalRequests, totalFailures, totalRejected } =
    readStats(circuit);
  return { name, state, inFlight, failureCount, successCount, totalRequests, totalFailures, totalRejected };
}
