import type { AbortSource } from './abort-signals.ts';
import type { LayerContext } from './layer-context.ts';
import type { LayerWork } from './layer.ts';
import { Run } from './run.ts';

/** Run that ends as soon as a source aborts, such as the signal of the caller. */
export class SignalledRun extends Run {
  #context: LayerContext | undefined;

  constructor(parent?: Run) {
    super();
    this.parent = parent;
  }

  /** Runs `work` in the context of this run, unless `source` has aborted. */
  start(work: LayerWork, context: LayerContext, source: AbortSource | undefined): Promise<unknown> {
    const promise = this.createPromise();
    this.#context = context;
    try {
      this.listenTo(source);
      if (this.isOpen) void this.startWork(work, context);
      return promise;
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      this.isOpen = false;
      throw error;
    }
  }

  override timeoutCause(): unknown {
    return this.#context?.timeoutCause();
  }

  protected override abortInside(reason: unknown): void {
    this.#context?.abort(reason);
  }
}
