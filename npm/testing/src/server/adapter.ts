/** Framework under test. */
export interface ServerAdapter {
  /** Name in the titles of the tests. */
  readonly name: string;
  /**
   * Starts the framework on 127.0.0.1. It serves `GET /work/:kind` with the JSON of `program.work(kind, signal)`, `GET /report`
   * with that of `program.report()`, and the management API with `program.management` under `basePath`, which is `''` or `'/ops'`.
   */
  start(basePath: string): Promise<RunningServer>;
  /** Requests of the test for leaks. Default 10 000. */
  readonly requests?: number | undefined;
}

/** Server that an adapter has started. */
export interface RunningServer {
  /** Address without a slash at its end, such as `'http://127.0.0.1:4000'`. */
  readonly origin: string;
  /** Shuts down as a deployment does: lets the requests in flight end, ends streams, and resolves when the server is closed. */
  close(): Promise<void>;
}
