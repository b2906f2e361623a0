/** Keeps what is streamed. */
export class MetricStreamer {
  readonly streamed: unknown[][] = [];

  async streamMetrics(metrics: unknown[]): Promise<void> {
    this.streamed.push(metrics);
  }
}
