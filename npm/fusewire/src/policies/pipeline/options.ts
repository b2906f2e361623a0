/** How a pipeline is put together. */
export interface PipelineOptions {
  /** Names the pipeline in errors and to its work. Default: the name of its first breaker, or `'pipeline'`. */
  readonly name?: string | undefined;
  /**
   * Whether an order that is known to hurt is refused. Default true; false is for those who know why they want it.
   */
  readonly checked?: boolean | undefined;
}
