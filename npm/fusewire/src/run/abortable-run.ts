import { whenSettled } from './promises.ts';
import type { AbortSource, AbortListener } from './abort-signals.ts';
import type { SlotHolder } from './slot-holder.ts';
import type { LayerContext } from './layer-context.ts';

/** A run that may end before its work does: whoever waits for it is told at once, and the work by its context. */
export class AbortableRun implements AbortListener {
  readonly context: LayerContext;
  readonly #promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;
  #source: AbortSource | undefined;
  #settled = false;

  constructor(context: LayerContext) {
    this.context = context;
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends when `source` aborts. */
  abortWith(source: AbortSource): void {
    this.#source = source;
    source.subscribe(this);
  }

  /** What `running` comes to, unless the end comes first. */
  settleWith(running: Promise<unknown>): Promise<unknown> {
    whenSettled(
      running,
      (value) => {
        if (!this.#settled) this.#finish(this.#resolve, value);
      },
      (error) => {
        if (!this.#settled) this.#finish(this.#reject, this.rejectionFor(error));
      },
    );
    return this.#promise;
  }

  /** Ends the run now. */
  abort(reason: unknown, holder?: SlotHolder): void {
    this.#finish(this.#reject, reason);
    this.context.abort(reason, holder);
  }

  /** The run is over, one way or another. */
  protected detach(): void {
    this.#source?.unsubscribe(this);
  }

  /** What the run rejects with where the work rejects with `error`. */
  protected rejectionFor(error: unknown): unknown {
    return error;
  }

  #finish(settle: (outcome: unknown) => void, outcome: unknown): void {
    this.#settled = true;
    this.detach();
    settle(outcome);
  }
}
