import { BodyTooLargeError, RequestTimeoutError } from './errors.ts';

/** Limits of a response body, and callbacks for its end. */
export interface BodyLimits {
  /** Largest size in bytes. */
  readonly maxSize: number;
  /** Longest time between two chunks in milliseconds; 0 for no limit. */
  readonly idleTimeout: number;
  /** Aborts the request. */
  abort(reason: Error): void;
  /** Called when the body breaks, but not when the reader cancels it. */
  onFailure(error: unknown): void;
  /** Called when the body is read to its end, cancelled or broken. It may be called more than once. */
  onEnd(): void;
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

  /** Returns the next chunk, or undefined at the end. Rejects if the body breaks or exceeds a limit. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { idleTimeout } = this.#limits;
    const timer = idleTimeout === 0 ? undefined : setTimeout(expire, idleTimeout, this);
    try {
      return this.#accept(await this.#reader.read());
    } catch (error) {
      throw this.#failed(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads the rest of the body. */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    const { idleTimeout } = this.#limits;
    let timer = idleTimeout === 0 ? undefined : setTimeout(expire, idleTimeout, this);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    try {
      for (;;) {
        const chunk = this.#accept(await this.#reader.read());
        if (chunk === undefined) break;
        chunks.push(chunk);
        timer = restarted(timer, idleTimeout, this);
      }
    } catch (error) {
      throw this.#failed(error);
    } finally {
      clearTimeout(timer);
    }
    return chunks.length === 1 ? (chunks[0] as Uint8Array<ArrayBuffer>) : concatenated(chunks, this.#total);
  }

  /** Ends the body for its reader. */
  cancel(reason?: unknown): Promise<void> {
    this.#isCancelled = true;
    this.#limits.onEnd();
    return this.#reader.cancel(reason).catch(() => {});
  }

  /** Ends the request because its next chunk is late. */
  expire(): void {
    const { idleTimeout } = this.#limits;
    const error = new RequestTimeoutError(`No more of the body within ${idleTimeout} ms`, { retriable: true });
    this.#timeoutError = error;
    this.#limits.abort(error);
    // Without a signal, the request ends because its body is cancelled.
    this.#reader.cancel(error).catch(() => {});
  }

  #accept({ done, value }: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>): Uint8Array<ArrayBuffer> | undefined {
    if (this.#timeoutError !== undefined) throw this.#timeoutError;
    if (done) {
      this.#limits.onEnd();
      return undefined;
    }
    this.#total += value.byteLength;
    if (this.#total <= this.#limits.maxSize) return value;
    const error = new BodyTooLargeError('response', this.#limits.maxSize);
    this.#limits.abort(error);
    void this.cancel(error);
    throw error;
  }

  /** Returns the error that a reading rejects with. */
  #failed(error: unknown): unknown {
    this.#limits.onEnd();
    // In some runtimes a pending read rejects when the reader is cancelled.
    if (!this.#isCancelled) this.#limits.onFailure(this.#timeoutError ?? error);
    return this.#timeoutError ?? error;
  }
}

type Timer = ReturnType<typeof setTimeout>;

function expire(reader: LimitedReader): void {
  reader.expire();
}

/** Starts a timer again. Node's own timers need not be replaced for that. */
function restarted(timer: Timer | undefined, duration: number, reader: LimitedReader): Timer | undefined {
  if (timer === undefined) return undefined;
  const { refresh } = timer as { refresh?: () => unknown };
  if (typeof refresh === 'function') {
    refresh.call(timer);
    return timer;
  }
  clearTimeout(timer);
  return setTimeout(expire, duration, reader);
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
