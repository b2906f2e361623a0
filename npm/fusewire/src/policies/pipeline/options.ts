/** Options of `pipeline`. */
export interface PipelineOptions {
  /** Name of the pipeline in errors and for its work. Default: the name of its first breaker, or `'pipeline'`. */
  readonly name?: string | undefined;
  /** Whether to reject an order of layers that is known to be harmful. Default true. */
  readonly checked?: boolean | undefined;
}
