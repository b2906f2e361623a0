import { whenSettled } from './promises.ts';
import type { AbortSource, Follower } from './signals.ts';
import type { Holder } from './slot-holder.ts';
import type { LayerContext } from './layer-context.ts';

/** A run that may end before its work does: whoever waits for it is told at once, and the work by its context. */
export class Ending implements Follower {
  readonly context: LayerContext;
  readonly #promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;
  #source: AbortSource | undefined;
  #over = false;

  constructor(context: LayerContext) {
    this.context = context;
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends when `source` aborts. */
  follow(source: AbortSource): void {
    this.#source = source;
    source.follow(this);
  }

  /** What `running` comes to, unless the end comes first. */
  of(running: Promise<unknown>): Promise<unknown> {
    whenSettled(
      running,
      (value) => {
        if (!this.#over) this.#finish(this.#resolve, value);
      },
      (error) => {
        if (!this.#over) this.#finish(this.#reject, this.failure(error));
      },
    );
    return this.#promise;
  }

  /** Ends the run now. */
  abort(reason: unknown, holder?: Holder): void {
    this.#finish(this.#reject, reason);
    this.context.abort(reason, holder);
  }

  /** The run is over, one way or another. */
  protected detach(): void {
    this.#source?.leave(this);
  }

  /** What the run rejects with where the work rejects with `error`. */
  protected failure(error: unknown): unknown {
    return error;
  }

  #finish(settle: (outcome: unknown) => void, outcome: unknown): void {
    this.#over = true;
    this.detach();
    settle(outcome);
  }
}
