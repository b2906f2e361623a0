import type { ObservableOptions } from '../../run/observables.ts';

/** Options of `pipeline`. */
export interface PipelineOptions extends ObservableOptions {
  /** Name of the pipeline in errors and for its work. Default: the name of its first breaker, or `'pipeline'`. */
  readonly name?: string | undefined;
  /** Whether to reject an order of layers that is known to be harmful. Default true. */
  readonly checked?: boolean | undefined;
}
