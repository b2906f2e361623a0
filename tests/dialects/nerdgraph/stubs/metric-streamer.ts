/** Streamer that records the metrics. */
export class MetricStreamer {
  readonly streamed: unknown[][] = [];

  async streamMetrics(metrics: unknown[]): Promise<void> {
    this.streamed.push(metrics);
  }
}
