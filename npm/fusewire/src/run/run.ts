import { callInScope } from './async-scope.ts';
import type { AsyncScope } from './async-scope.ts';
import type { AbortListener, AbortSource } from './abort-signals.ts';
import { Rejection, whenSettled } from './promises.ts';

/**
 * Life of one call in one layer. It is open until it settles with what it follows, or ends early. Work of a run that has ended
 * early still holds the slots of the runs around it. A closed run is idle once nothing in it runs any more.
 */
export abstract class Run implements AbortListener {
  /** Run around this one. */
  parent: Run | undefined;
  /** Whether the run has neither settled nor ended. */
  isOpen = true;
  /** Async scope of the call, if code of the user may run when the run ends early. */
  scope: AsyncScope | undefined;
  #source: AbortSource | undefined;
  #isFollowing = false;
  /** Number of runs in here, this one included, that have ended and still follow work. */
  #detached = 0;
  /** Settles the promise of the run; undefined without one. */
  protected fulfil: ((value: unknown) => unknown) | undefined;
  protected refuse: ((reason: unknown) => unknown) | undefined;

  /** Handlers of what the run follows. They are kept, because a run may follow several promises or be used again. */
  #onFulfilled: ((value: unknown) => unknown) | undefined;
  #onRejected: ((error: unknown) => unknown) | undefined;
  #capture: ((fulfil: (value: unknown) => unknown, refuse: (reason: unknown) => unknown) => void) | undefined;

  /** Ends the run when `source` aborts. */
  listenTo(source: AbortSource | undefined): void {
    if (source === undefined) return;
    this.#source = source;
    source.subscribe(this);
  }

  /** Creates the promise of the run, which settles when the run does. */
  createPromise(): Promise<unknown> {
    this.#capture ??= (fulfil, refuse) => {
      this.fulfil = fulfil;
      this.refuse = refuse;
    };
    return new Promise(this.#capture);
  }

  /** Starts work in the run, and follows it. */
  startWork<Context>(work: (context: Context) => Promise<unknown>, context: Context): Promise<unknown> {
    this.begin();
    return this.follow(work(context));
  }

  /** Marks the run as busy while it starts the work that it then follows. */
  begin(): void {
    this.#isFollowing = true;
  }

  /** Follows the work that was begun. Without a promise of its own, the run settles the one returned. */
  follow(running: Promise<unknown>): Promise<unknown> {
    this.#onFulfilled ??= (value) => this.workSucceeded(value);
    this.#onRejected ??= (error) => this.workFailed(error);
    return whenSettled(running, this.#onFulfilled, this.#onRejected);
  }

  /** Settles the run with the value of the work that was begun. Returns what the handler of the work returns. */
  workSucceeded(value: unknown): unknown {
    this.#isFollowing = false;
    return this.isOpen ? this.succeeded(value) : this.#onLateEnd();
  }

  /** Settles the run with the error of the work that was begun. Returns what the handler of the work returns. */
  workFailed(error: unknown): unknown {
    this.#isFollowing = false;
    return this.isOpen ? this.failed(error) : this.#onLateEnd();
  }

  /** Fails the run at once, because the work that was begun has thrown. */
  failAtOnce(error: unknown): Promise<unknown> {
    return Promise.resolve(this.workFailed(error));
  }

  /** Ends the run in the async scope of its call. */
  abort(reason: unknown): void {
    callInScope(this.scope, () => this.end(reason));
  }

  /** Rejects the promise of the run before the work has settled. Does nothing if the run is closed. */
  end(reason: unknown): void {
    if (this.isOpen) this.endWith(() => reason);
  }

  /** Ends the run with the reason that `reasonOf` returns once the run is closed. */
  protected endWith(reasonOf: () => unknown): void {
    const { refuse } = this;
    this.close();
    let reason: unknown;
    try {
      reason = reasonOf();
      this.abortInside(reason);
    } finally {
      refuse?.(reason);
    }
  }

  /** Closes the run, and settles its promise with that of the run that `start` starts. */
  protected replaceWith(start: () => Promise<unknown>): void {
    const { fulfil } = this;
    this.close();
    fulfil?.(start());
  }

  /** Settles the promise of the run. Returns what the handler of the followed promise returns. */
  protected resolve(value: unknown): unknown {
    const { fulfil } = this;
    this.close();
    return fulfil === undefined ? value : fulfil(value);
  }

  /** Rejects the promise of the run. Returns what the handler of the followed promise returns. */
  protected reject(error: unknown): unknown {
    const { refuse } = this;
    this.close();
    return refuse === undefined ? new Rejection(error) : refuse(error);
  }

  /** Called when what the open run follows fulfils. Returns what the handler returns. */
  protected succeeded(value: unknown): unknown {
    return this.resolve(value);
  }

  /** Called when what the open run follows rejects. Returns what the handler returns. */
  protected failed(error: unknown): unknown {
    return this.reject(error);
  }

  /** Aborts what runs inside, after the run has ended early. */
  protected abortInside(_reason: unknown): void {}

  /** Returns the error that says what the run waits for, for the error of a timeout around it. */
  timeoutCause(): unknown {
    return undefined;
  }

  /** Called once, when the run is closed and nothing in it runs any more. */
  protected idle(): void {}

  /** Called when the call begins to wait in a queue of a policy inside. The wait says nothing about the dependency. */
  suspend(): void {
    this.parent?.suspend();
  }

  /** Called when the wait is over. Returns the rejection if the call may not continue. */
  resume(): Promise<never> | undefined {
    return this.parent?.resume();
  }

  /**
   * Ends the limit for one attempt, because a stream in here has its first item or a limit of its own. A breaker, and every
   * timeout inside one, limits an attempt. Returns whether the run is inside a breaker, or that of one.
   */
  endAttemptLimit(): boolean {
    return this.parent?.endAttemptLimit() ?? false;
  }

  /** Closes the run: it listens to nothing any more. */
  protected close(): void {
    this.isOpen = false;
    this.fulfil = this.refuse = undefined;
    this.#stopListening();
    if (this.#isFollowing) this.#detach();
    else if (this.#detached === 0) this.idle();
  }

  /** Whether runs in here have ended before their work. */
  protected get holdsWork(): boolean {
    return this.#detached > 0;
  }

  #stopListening(): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    source.unsubscribe(this);
  }

  #detach(): void {
    for (let run: Run | undefined = this; run !== undefined; run = run.parent) run.#detached++;
  }

  /** Called when the work of a run that has ended early settles. */
  #onLateEnd(): void {
    let run: Run | undefined = this;
    while (run !== undefined) {
      const { parent }: Run = run;
      if (--run.#detached === 0 && !run.isOpen && !run.#isFollowing) run.idle();
      run = parent;
    }
  }
}
