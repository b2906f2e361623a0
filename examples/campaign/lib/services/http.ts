/** Error response of a service. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** Headers, where breakers and retries find `Retry-After`. */
  readonly headers: Headers;

  constructor(service: string, { status, headers }: Response) {
    super(`${service} answered with the status ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

/** Body of a request. Its key makes the service do it once. */
interface RequestBody {
  readonly key?: string;
  readonly signal: AbortSignal;
}

/** Calls an API with JSON: a GET, or with a `key` a POST. */
export async function callApi(base: string, path: string, { key, signal, ...body }: RequestBody): Promise<unknown> {
  const request =
    key === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(body),
        };
  const response = await fetch(new URL(path, base), { ...request, signal });
  if (response.ok) return response.json();
  await response.body?.cancel();
  throw new HttpError(new URL(base).host, response);
}
