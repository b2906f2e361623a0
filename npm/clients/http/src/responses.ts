import { BodyTooLargeError, RequestTimeoutError } from './errors.ts';

/** What holds for the body of a response. */
export interface BodyRules {
  /** Bytes that it may have. */
  readonly limit: number;
  /** Milliseconds that the dependency may take for the next of it; 0 for as long as it likes. */
  readonly patience: number;
  /** Ends the exchange, for a reason. */
  readonly abort: (reason: Error) => void;
  /** It broke off. */
  readonly onBreak: (error: unknown) => void;
  /** It is over: read to its end, given up, or broken. It may be told again. */
  readonly onEnd: () => void;
}

/** Bytes that are read ahead, so that a response which nobody reads ends by itself unless it is large. */
const AHEAD = 65_536;

/**
 * The response with a body that keeps the rules.
 *
 * @throws {BodyTooLargeError} if it says itself that it is too large.
 */
export function guarded(response: Response, rules: BodyRules): Response {
  const { body } = response;
  if (body === null) {
    rules.onEnd();
    return response;
  }
  if (Number(response.headers.get('content-length')) > rules.limit) {
    const error = new BodyTooLargeError('response', rules.limit);
    rules.onEnd();
    rules.abort(error);
    throw error;
  }
  const { status, statusText, headers } = response;
  return dressed(new Response(guardedBody(body, rules), { status, statusText, headers }), response);
}

/** A response that tells of itself what another one does, for the constructor cannot be told. */
export function dressed(response: Response, { url, type, redirected }: Pick<Response, 'url' | 'type' | 'redirected'>) {
  const { clone } = response;
  return Object.defineProperties(response, {
    url: { value: url, configurable: true },
    type: { value: type, configurable: true },
    redirected: { value: redirected, configurable: true },
    clone: { value: () => dressed(clone.call(response), { url, type, redirected }), configurable: true },
  });
}

function guardedBody(body: ReadableStream<Uint8Array>, rules: BodyRules): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let total = 0;
  let isGivenUp = false;
  const giveUp = (reason?: unknown): Promise<void> => {
    isGivenUp = true;
    rules.onEnd();
    return reader.cancel(reason).catch(() => {});
  };
  const next = async () => {
    const waiting = new Patience(rules);
    try {
      return await reader.read();
    } catch (error) {
      rules.onEnd();
      // Some runtimes break off what is being read when it is given up.
      if (!isGivenUp) rules.onBreak(waiting.error ?? error);
      throw waiting.error ?? error;
    } finally {
      waiting.end();
    }
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done) {
          rules.onEnd();
          return controller.close();
        }
        total += value.byteLength;
        if (total > rules.limit) {
          const error = new BodyTooLargeError('response', rules.limit);
          rules.abort(error);
          void giveUp(error);
          throw error;
        }
        controller.enqueue(value);
      },
      cancel: giveUp,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: AHEAD }),
  );
  forgotten?.register(stream, giveUp);
  return stream;
}

/** Who drops a response without reading it does not say so: its body is given up when it is collected. */
const forgotten =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<() => Promise<void>>((giveUp) => void giveUp());

/** The time that the dependency has for the next of a body. */
class Patience {
  /** What it is told when the time is over. */
  error: RequestTimeoutError | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ patience, abort }: BodyRules) {
    if (patience === 0) return;
    this.#timer = setTimeout(() => {
      this.error = new RequestTimeoutError(`No more of the body within ${patience} ms`, { retriable: true });
      abort(this.error);
    }, patience);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
