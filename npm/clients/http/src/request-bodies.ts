import { concatenated } from './body-limits.ts';
import { BodyTooLargeError } from './errors.ts';

/** Body of a request. A stream can be sent only once. */
export type Body = NonNullable<RequestInit['body']>;

/** Whether a body is a stream, which can be sent only once. */
export function isStream(body: Body | null): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

/** Whether a body has more bytes than a limit. False for a stream, whose size is unknown. */
export function exceeds(body: Body, limit: number): boolean {
  // A character has at most three bytes in UTF-8, so that most texts need not be encoded.
  if (typeof body === 'string') return body.length > limit || (body.length * 3 > limit && textSize(body) > limit);
  return sizeOf(body) > limit;
}

/** Returns the size of a body in bytes, or 0 for a stream. The size of a form is that of its names and values. */
function sizeOf(body: Exclude<Body, string>): number {
  if (body instanceof URLSearchParams) return textSize(String(body));
  if (body instanceof FormData) {
    return [...body].reduce(
      (size, [name, value]) => size + textSize(name) + (typeof value === 'string' ? textSize(value) : value.size),
      0,
    );
  }
  const { byteLength, size } = body as { byteLength?: unknown; size?: unknown };
  if (typeof byteLength === 'number') return byteLength;
  return typeof size === 'number' ? size : 0;
}

/** Returns a body that breaks after `limit` bytes and then calls `onExcess`. A body that is no stream is returned as it is. */
export function limitBody(body: Body | null, limit: number, onExcess: (error: BodyTooLargeError) => void): Body | null {
  if (!isStream(body)) return body;
  let total = 0;
  const count = (chunk: unknown): void => {
    total += typeof chunk === 'string' ? textSize(chunk) : ((chunk as Uint8Array).byteLength ?? 0);
    if (total <= limit) return;
    const error = new BodyTooLargeError('request', limit);
    onExcess(error);
    throw error;
  };
  if (!(body instanceof ReadableStream)) return counted(body as unknown as AsyncIterable<unknown>, count) as never;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      count(chunk);
      controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(counting);
}

async function* counted(chunks: AsyncIterable<unknown>, count: (chunk: unknown) => void) {
  for await (const chunk of chunks) {
    count(chunk);
    yield chunk;
  }
}

/** Bytes of a `Request`'s body after which no more of it is collected. */
const MAX_COLLECTED = 1_048_576;

/**
 * Returns the body of a `Request` as bytes, which can be sent again, if it is at hand. A `Request` shows every body as a
 * stream, also a text. A body that has to be waited for is one, and is returned as a stream.
 */
export async function readOwnBody(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer> | ReadableStream> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const reading = reader.read();
    const isLate = await Promise.race([reading.then(() => false), turns(2)]);
    if (isLate || total > MAX_COLLECTED) return rejoined(chunks, reading, reader);
    const { done, value } = await reading;
    if (done) return chunks.length === 1 ? (chunks[0] as Uint8Array<ArrayBuffer>) : concatenated(chunks, total);
    chunks.push(value);
    total += value.byteLength;
  }
}

/** Resolves with true after some turns of the event loop, in which a body that is in memory would have arrived. */
async function turns(count: number): Promise<true> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  return true;
}

/** Returns a stream of the chunks that have been read, and of those that follow. */
function rejoined(
  chunks: readonly Uint8Array[],
  next: Promise<ReadableStreamReadResult<Uint8Array>>,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream {
  let pending: typeof next | undefined = next;
  return new ReadableStream({
    start: (controller) => chunks.forEach((chunk) => controller.enqueue(chunk)),
    async pull(controller) {
      const { done, value } = await (pending ?? reader.read());
      pending = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

let encoder: TextEncoder | undefined;

/** Returns the size of a text in UTF-8 bytes. */
function textSize(text: string): number {
  // jsdom has no TextEncoder, so that none may be created before a request is sent.
  return (encoder ??= new TextEncoder()).encode(text).byteLength;
}
