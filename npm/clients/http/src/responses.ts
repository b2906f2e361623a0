import { BodyTooLargeError, RequestTimeoutError } from './errors.ts';

/** Limits of a response body, and callbacks for its end. */
export interface BodyLimits {
  /** Largest size in bytes. */
  readonly maxSize: number;
  /** Longest time between two chunks in milliseconds; 0 for no limit. */
  readonly idleTimeout: number;
  /** Aborts the request. */
  readonly abort: (reason: Error) => void;
  /** Called when the body breaks, but not when the reader cancels it. */
  readonly onFailure: (error: unknown) => void;
  /** Called when the body is read to its end, cancelled or broken. It may be called more than once. */
  readonly onEnd: () => void;
}

/** Bytes that are read ahead, so that a small body ends even if nobody reads it. */
const READ_AHEAD = 65_536;

/**
 * Returns the response with a body that enforces the limits.
 *
 * @throws {BodyTooLargeError} if its `Content-Length` exceeds `maxSize`.
 */
export function limitResponse(response: Response, limits: BodyLimits): Response {
  const { body } = response;
  if (body === null) {
    limits.onEnd();
    return response;
  }
  if (Number(response.headers.get('content-length')) > limits.maxSize) {
    const error = new BodyTooLargeError('response', limits.maxSize);
    limits.onEnd();
    limits.abort(error);
    throw error;
  }
  const { status, statusText, headers, url, type, redirected, ok } = response;
  const stream = limitedBody(body, limits);
  if (isConstructible(response)) {
    return withAttributes(new Response(stream, { status, statusText, headers }), { url, type, redirected });
  }
  return withAttributes(new Response(stream, { headers }), { url, type, redirected, status, statusText, ok });
}

/** Whether the constructor of `Response` accepts the status and its text. `fetch` resolves with any that a server sends. */
function isConstructible({ status, statusText }: Response): boolean {
  return status >= 200 && status <= 599 && /^[\t\x20-\x7e\x80-\xff]*$/.test(statusText);
}

/** Attributes of a response that its constructor cannot set. */
type Attributes = Pick<Response, 'url' | 'type' | 'redirected'> &
  Partial<Pick<Response, 'status' | 'statusText' | 'ok'>>;

/** Sets attributes of a response and of its clones. */
export function withAttributes(response: Response, attributes: Attributes): Response {
  const { clone } = response;
  const values = { ...attributes, clone: () => withAttributes(clone.call(response), attributes) };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}

function limitedBody(body: ReadableStream<Uint8Array>, limits: BodyLimits): ReadableStream<Uint8Array> {
  const isByteStream = acceptsByteReader(body);
  const reader = body.getReader();
  let total = 0;
  let isCancelled = false;
  const cancel = (reason?: unknown): Promise<void> => {
    isCancelled = true;
    limits.onEnd();
    return reader.cancel(reason).catch(() => {});
  };
  const readChunk = async () => {
    const timer = new IdleTimer(limits);
    try {
      return await reader.read();
    } catch (error) {
      limits.onEnd();
      // In some runtimes a pending read rejects when the reader is cancelled.
      if (!isCancelled) limits.onFailure(timer.error ?? error);
      throw timer.error ?? error;
    } finally {
      timer.stop();
    }
  };
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array> | ReadableByteStreamController) {
      const { done, value } = await readChunk();
      if (done) {
        limits.onEnd();
        controller.close();
        // A byte reader that waits for more ends only by a response.
        if ('byobRequest' in controller) controller.byobRequest?.respond(0);
        return;
      }
      total += value.byteLength;
      if (total > limits.maxSize) {
        const error = new BodyTooLargeError('response', limits.maxSize);
        limits.abort(error);
        void cancel(error);
        throw error;
      }
      controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    cancel,
  };
  const stream = isByteStream
    ? new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: READ_AHEAD })
    : new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD }));
  unreadBodies?.register(stream, cancel);
  return stream;
}

/** Whether a body can be read with a byte reader, as those of the global `fetch` can. */
function acceptsByteReader(body: ReadableStream<Uint8Array>): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** Cancels a body that is garbage-collected before it was read, so that its connection is released. */
const unreadBodies =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<() => Promise<void>>((cancel) => void cancel());

/** Timer for the next chunk of a body. It aborts the request when the chunk is late. */
class IdleTimer {
  /** Reason of the abort, once the timer has expired. */
  error: RequestTimeoutError | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ idleTimeout, abort }: BodyLimits) {
    if (idleTimeout === 0) return;
    this.#timer = setTimeout(() => {
      this.error = new RequestTimeoutError(`No more of the body within ${idleTimeout} ms`, { retriable: true });
      abort(this.error);
    }, idleTimeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
