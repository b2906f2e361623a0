import { RequestProblem } from './problem.ts';
import type { SetTimer } from './timers.ts';

/** Limits of a request body. */
export interface BodyLimits {
  /** Most bytes. */
  readonly bytes: number;
  /** Most milliseconds until the body has arrived. */
  readonly time: number;
  readonly setTimer: SetTimer;
}

/** Most levels of a body. Only `options` is nested. */
const MOST_LEVELS = 8;

/**
 * Returns the JSON object in the body of a request, or an empty object without a body.
 *
 * @throws {RequestProblem} if it is too long, too slow, or no JSON object.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Readonly<Record<string, unknown>>> {
  if (request.bodyUsed)
    throw new RequestProblem('dependency', 'Something has read the body; use request.clone() for that');
  if (request.body === null) return {};
  const announced = request.headers.get('content-length');
  if (announced !== null && Number(announced) > limits.bytes) throw tooLarge(limits);
  const bytes = await readBytes(request.body, limits);
  if (bytes.length === 0) return {};
  checkFormat(request);
  return parse(bytes);
}

function checkFormat({ headers }: Request): void {
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity')
    throw new RequestProblem('unsupported-media-type', 'The body must have no content encoding');
  const type = headers.get('content-type') ?? '';
  if (!isJson(type)) throw new RequestProblem('unsupported-media-type', 'The body must be application/json in UTF-8');
}

/** Whether a content type is JSON. */
export function isJson(type: string): boolean {
  return /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type.trim());
}

async function readBytes(body: ReadableStream<Uint8Array>, limits: BodyLimits): Promise<Uint8Array> {
  const reader = body.getReader();
  let stopTimer = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    stopTimer = limits.setTimer(() => {
      reject(new RequestProblem('timeout', `The body must arrive within ${limits.time} ms`));
    }, limits.time);
  });
  late.catch(() => undefined);
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return joined(chunks, size);
      size += value.byteLength;
      if (size > limits.bytes) throw tooLarge(limits);
      chunks.push(value);
    }
  } catch (error) {
    // The rest is not wanted. Its source may never end, so that nothing waits for it.
    reader.cancel().catch(() => undefined);
    if (error instanceof RequestProblem) throw error;
    throw new RequestProblem('bad-request', 'The body ended before it was complete');
  } finally {
    stopTimer();
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new RequestProblem('bad-request', 'The body is not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestProblem('bad-request', 'The body must be a JSON object');
  if (isDeeper(value, MOST_LEVELS))
    throw new RequestProblem('bad-request', `The body has more than ${MOST_LEVELS} levels`);
  return value as Readonly<Record<string, unknown>>;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function tooLarge({ bytes }: BodyLimits): RequestProblem {
  return new RequestProblem('too-large', `A body has up to ${bytes} bytes`);
}
