import { whenSettled } from './promises.ts';
import type { AbortSource, AbortListener } from './abort-signals.ts';
import type { SlotHolder } from './slot-holder.ts';
import type { LayerContext } from './layer-context.ts';

/** Run that can end before its work. An abort rejects the caller's promise at once, and aborts the context of the work. */
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

  /** Ends the run when `source` aborts. */
  abortWith(source: AbortSource): void {
    this.#source = source;
    source.subscribe(this);
  }

  /** Returns a promise that settles like `running`, unless the run ends before. */
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

  /** Ends the run: rejects its promise and aborts its context. */
  abort(reason: unknown, holder?: SlotHolder): void {
    this.#finish(this.#reject, reason);
    this.context.abort(reason, holder);
  }

  /** Releases what the run holds. It is called once, when the run settles. */
  protected detach(): void {
    this.#source?.unsubscribe(this);
  }

  /** Returns the error of the run if the work rejects with `error`. */
  protected rejectionFor(error: unknown): unknown {
    return error;
  }

  #finish(settle: (outcome: unknown) => void, outcome: unknown): void {
    this.#settled = true;
    this.detach();
    settle(outcome);
  }
}
