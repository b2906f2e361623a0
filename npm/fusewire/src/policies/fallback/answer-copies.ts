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

/**
 * Returns a copy of an answer, with copies of the arrays, plain objects, maps, sets and dates in it. Other values stay the
 * same, functions and instances of classes among them.
 */
export function copyAnswer(answer: unknown, copies = new Map<unknown, unknown>()): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  const known = copies.get(answer);
  if (known !== undefined) return known;
  const copied = (value: unknown) => copyAnswer(value, copies);
  if (Array.isArray(answer)) {
    const copy: unknown[] = [];
    copies.set(answer, copy);
    for (const value of answer) copy.push(copied(value));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(answer);
  if (prototype === Object.prototype || prototype === null) {
    const copy = Object.create(prototype as object | null) as object;
    copies.set(answer, copy);
    for (const [key, value] of Object.entries(answer)) {
      Object.defineProperty(copy, key, { value: copied(value), writable: true, enumerable: true, configurable: true });
    }
    return copy;
  }
  if (prototype === Date.prototype) return new Date(answer as Date);
  if (prototype === Set.prototype) {
    const copy = new Set();
    copies.set(answer, copy);
    for (const value of answer as Set<unknown>) copy.add(copied(value));
    return copy;
  }
  if (prototype !== Map.prototype) return answer;
  const copy = new Map();
  copies.set(answer, copy);
  for (const [key, value] of answer as Map<unknown, unknown>) copy.set(copied(key), copied(value));
  return copy;
}
