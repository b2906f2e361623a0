/** Error of an HTTP answer. The breaker and the queue read `Retry-After` from its headers. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(message: string, { status, headers }: Response) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
