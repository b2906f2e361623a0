import type { ValueClassificationOptions } from '../../classification/outcome.ts';
import type { ObservableOptions } from '../../run/observables.ts';

/** Options of `pipeline`. Its `classify`, `isFailure` and `idempotent` hold for every layer that has none of its own. */
export interface PipelineOptions extends ObservableOptions, ValueClassificationOptions {
  /** Name of the pipeline in errors and for its work. Default: the name of its first breaker, or `'pipeline'`. */
  readonly name?: string | undefined;
  /**
   * Whether the work may run again although it may have happened: after a timeout or a broken connection, or as a copy. Default
   * false.
   */
  readonly idempotent?: boolean | undefined;
  /** Whether to reject an order of layers that is known to be harmful. Default true. */
  readonly checked?: boolean | undefined;
}
