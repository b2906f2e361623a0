import { CallTimeoutError } from '../errors/call-timeout-error.ts';
import { createError } from '../errors/stacks.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { callWatch } from './call-watch.ts';
import { callInScope, captureScope } from './async-scope.ts';
import type { UserWork } from './call-options.ts';
import type { LayerContext } from './layer-context.ts';
import { LimitedRun } from './limited-run.ts';
import { rejectedPromise, whenSettled } from './promises.ts';
import { STREAM_END } from './stream-end.ts';
import { openSource } from './stream-source.ts';
import type { ItemResult, ItemSource } from './stream-source.ts';

/** Stream that an attempt belongs to. */
export interface StreamOwner {
  readonly name: string;
  /** Kind of the object that runs the stream, for the error of a timeout. */
  readonly subject: string;
  readonly work: UserWork;
  readonly firstItem: Deadlines | undefined;
  readonly betweenItems: Deadlines | undefined;
  /** Whether the source that was opened last is a `ReadableStream`. */
  isReadable: boolean;
  /** Called with the first item of an attempt, which no layer repeats from then on. */
  onFirstItem(attempt: StreamAttempt, item: unknown): void;
  onItem(item: unknown): void;
}

/**
 * Attempt at a stream. It is open until the stream has ended, and reads one item at a time. If it ends early, it closes the
 * source, and runs on, like any late work, until that has closed.
 */
export class StreamAttempt extends LimitedRun {
  /** Promise of a source that was closed early. */
  closing: Promise<unknown> | undefined;
  readonly #owner: StreamOwner;
  readonly #context: LayerContext;
  #source: ItemSource | undefined;
  #hasStarted = false;
  #limit: Deadlines | undefined;

  constructor(owner: StreamOwner, outer: LayerContext) {
    super();
    this.#owner = owner;
    this.parent = outer.run;
    this.scope = captureScope();
    this.#context = outer.createChild(this);
  }

  /** Opens the source, and awaits its first item. The promise settles when the stream has ended. */
  start(outer: LayerContext): Promise<unknown> {
    const { work, firstItem } = this.#owner;
    const promise = this.createPromise();
    this.begin();
    // The work reads the signal of the attempt, so that nobody misses this one.
    if (callWatch !== undefined) void outer.signal;
    this.listenTo(outer.abortSource);
    if (firstItem !== undefined) {
      this.endAttemptLimit();
      this.#await(firstItem);
    }
    let opening: Promise<unknown>;
    try {
      opening = this.isOpen ? Promise.resolve(work(this.#context)) : Promise.reject(undefined);
    } catch (error) {
      opening = rejectedPromise(error);
    }
    void whenSettled(
      opening,
      (source) => this.#open(source),
      (error) => this.workFailed(error),
    );
    return promise;
  }

  #open(value: unknown): void {
    try {
      const source = openSource(value, this.#owner.name);
      this.#source = source;
      this.#owner.isReadable = source.isReadable;
    } catch (error) {
      this.workFailed(error);
      return;
    }
    if (this.isOpen) this.#pull();
    else this.#close(this.#context.aborted?.reason);
  }

  /** Asks for an item after the first one. */
  pull(): void {
    this.#await(this.#owner.betweenItems);
    if (this.isOpen) this.#pull();
  }

  #pull(): void {
    let next: PromiseLike<ItemResult> | undefined;
    callInScope(this.scope, () => {
      try {
        next = (this.#source as ItemSource).next();
      } catch (error) {
        next = rejectedPromise(error);
      }
    });
    void whenSettled(
      Promise.resolve(next),
      (result) => this.#onResult(result as ItemResult),
      (error) => {
        if (this.isOpen) this.workFailed(error);
      },
    );
  }

  #onResult(result: ItemResult): void {
    if (!this.isOpen) return;
    this.stopDeadline();
    if (typeof result !== 'object' || result === null) {
      this.workFailed(new TypeError(`${this.#owner.name}: an iterator must return objects with done and value`));
    } else if (result.done === true) {
      this.workSucceeded(STREAM_END);
    } else if (this.#hasStarted) {
      this.#owner.onItem(result.value);
    } else {
      this.#hasStarted = true;
      this.endAttemptLimit();
      this.#owner.onFirstItem(this, result.value);
    }
  }

  #await(limit: Deadlines | undefined): void {
    if (limit === undefined || !this.isOpen) return;
    this.#limit = limit;
    this.startDeadline(limit);
  }

  protected override timedOut(): void {
    const { subject, name } = this.#owner;
    const duration = this.#limit?.duration ?? 0;
    const awaited = this.#hasStarted ? 'the next item' : 'the first item';
    this.endWith(() => createError(false, CallTimeoutError, name, duration, subject, { awaited }));
  }

  /** Closes the source before its signal aborts, so that a source that hears the signal does not fail to close. */
  protected override abortInside(reason: unknown): void {
    if (this.#source !== undefined) this.#close(reason);
    this.#context.abort(reason);
  }

  #close(reason: unknown): void {
    const source = this.#source as ItemSource;
    try {
      this.closing = Promise.resolve(source.close(reason));
    } catch (error) {
      this.closing = rejectedPromise(error);
    }
    void whenSettled(
      this.closing,
      () => this.workSucceeded(undefined),
      () => this.workFailed(undefined),
    );
  }

  override timeoutCause(): unknown {
    return undefined;
  }
}
