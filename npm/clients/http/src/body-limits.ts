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

/** Reader of a response body, which enforces the limits and reports the end. */
export class LimitedReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #limits: BodyLimits;
  #total = 0;
  #isCancelled = false;
  #timeoutError: RequestTimeoutError | undefined;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, limits: BodyLimits) {
    this.#reader = body.getReader();
    this.#limits = limits;
  }

  /** Number of bytes that have been read. */
  get total(): number {
    return this.#total;
  }

  /** Returns the next chunk, or undefined at the end. Rejects if the body breaks or exceeds a limit. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { idleTimeout, onEnd, onFailure } = this.#limits;
    const timer = idleTimeout === 0 ? undefined : setTimeout(this.#onTimeout, idleTimeout);
    let result;
    try {
      result = await this.#reader.read();
    } catch (error) {
      onEnd();
      // In some runtimes a pending read rejects when the reader is cancelled.
      if (!this.#isCancelled) onFailure(this.#timeoutError ?? error);
      throw this.#timeoutError ?? error;
    } finally {
      clearTimeout(timer);
    }
    if (this.#timeoutError !== undefined) {
      if (!this.#isCancelled) onFailure(this.#timeoutError);
      throw this.#timeoutError;
    }
    if (result.done) {
      onEnd();
      return undefined;
    }
    this.#total += result.value.byteLength;
    if (this.#total > this.#limits.maxSize) this.#rejectSize();
    return result.value;
  }

  /** Reads the rest of the body. */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    const first = await this.read();
    if (first === undefined) return new Uint8Array();
    let chunk = await this.read();
    if (chunk === undefined) return first;
    const chunks = [first];
    for (; chunk !== undefined; chunk = await this.read()) chunks.push(chunk);
    return concatenated(chunks, this.#total);
  }

  /** Ends the body for its reader. */
  cancel(reason?: unknown): Promise<void> {
    this.#isCancelled = true;
    this.#limits.onEnd();
    return this.#reader.cancel(reason).catch(() => {});
  }

  #rejectSize(): never {
    const error = new BodyTooLargeError('response', this.#limits.maxSize);
    this.#limits.abort(error);
    void this.cancel(error);
    throw error;
  }

  readonly #onTimeout = (): void => {
    const { idleTimeout, abort, onEnd } = this.#limits;
    const error = new RequestTimeoutError(`No more of the body within ${idleTimeout} ms`, { retriable: true });
    this.#timeoutError = error;
    abort(error);
    onEnd();
    // Without a signal, the request ends because its body is cancelled.
    this.#reader.cancel(error).catch(() => {});
  };
}

/** Returns chunks as one array of bytes. */
export function concatenated(chunks: readonly Uint8Array[], total: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** Bytes that are read ahead, so that a small body ends even if nobody reads it. */
const READ_AHEAD = 65_536;

/** Returns a stream of a body that enforces its limits. */
export function limitedStream(body: ReadableStream<Uint8Array<ArrayBuffer>>, limits: BodyLimits): ReadableStream {
  const isByteStream = acceptsByteReader(body);
  const reader = new LimitedReader(body, limits);
  const cancel = (reason?: unknown) => reader.cancel(reason);
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array> | ReadableByteStreamController) {
      const chunk = await reader.read();
      if (chunk !== undefined) return controller.enqueue(chunk);
      controller.close();
      // A byte reader that waits for more ends only by a response.
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
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
