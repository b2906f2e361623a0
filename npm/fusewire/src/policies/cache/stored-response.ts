/** Property of a response that its constructor does not take. */
const RESPONSE_PROPERTIES = ['statusText', 'url', 'redirected', 'type'] as const;

/** Whether a value is a `Response` of `fetch`, of any realm. Its body can be read once. */
export function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const { clone, arrayBuffer, bodyUsed } = value as Partial<Response>;
    return typeof clone === 'function' && typeof arrayBuffer === 'function' && typeof bodyUsed === 'boolean';
  } catch {
    // A revoked proxy, say.
    return false;
  }
}

/** Returns a copy of a response whose body nobody has read, or undefined if there is none to be had. */
export function cloneResponse(response: Response): Response | undefined {
  try {
    return response.clone();
  } catch {
    return undefined;
  }
}

/** A response with its whole body, which any number of callers can receive. */
export class StoredResponse {
  readonly #response: Response;
  readonly #body: ArrayBuffer | null;

  private constructor(response: Response, body: ArrayBuffer | null) {
    this.#response = response;
    this.#body = body;
  }

  /**
   * Reads the body of a copy. Returns undefined if the body has been read already, is hidden from scripts, or is a stream
   * of events, which does not end.
   */
  static read(response: Response): Promise<StoredResponse> | undefined {
    const isEventStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const copy = isEventStream || response.status < 200 ? undefined : cloneResponse(response);
    if (copy === undefined) return undefined;
    return copy.arrayBuffer().then((bytes) => new StoredResponse(copy, copy.body === null ? null : bytes));
  }

  /** Returns a response with a body of its own. */
  copy(): Response {
    const { status, headers } = this.#response;
    const copy = new Response(this.#body, { status, headers });
    for (const name of RESPONSE_PROPERTIES) Object.defineProperty(copy, name, { value: this.#response[name] });
    return copy;
  }
}

/** Whether a value can be read once: a stream of the web or of Node, or another asynchronous iterable. */
export function isStream(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const { getReader, pipe } = value as { readonly getReader?: unknown; readonly pipe?: unknown };
    return typeof getReader === 'function' || typeof pipe === 'function' || Symbol.asyncIterator in value;
  } catch {
    // A revoked proxy, say.
    return false;
  }
}
