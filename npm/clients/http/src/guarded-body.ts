import { LimitedReader, limitedStream } from './body-limits.ts';
import type { BodyLimits } from './body-limits.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Body of a response that is read with limits. The usual methods, such as `json()`, read the original body. A stream around
 * it, which costs more than the rest of a small request, is created only if somebody needs one.
 */
export class GuardedBody {
  #isRead = false;
  #copy: Response | undefined;
  readonly #body: ReadableStream<Bytes>;
  readonly #limits: BodyLimits;
  readonly #headers: Headers;

  constructor(body: ReadableStream<Bytes>, limits: BodyLimits, headers: Headers) {
    this.#body = body;
    this.#limits = limits;
    this.#headers = headers;
  }

  /** Whether the original body has a reader and no stream around it. Its own members then do the rest. */
  get isTaken(): boolean {
    return this.#isRead || (this.#copy === undefined && this.#body.locked);
  }

  /** Response with the stream, if it has been created. */
  get existingCopy(): Response | undefined {
    return this.#copy;
  }

  /** Response with a stream around the body, which stands in for the original one from then on. */
  get copy(): Response {
    return (this.#copy ??= new Response(limitedStream(this.#body, this.#limits), { headers: this.#headers }));
  }

  /** Starts to read the body if nobody has, so that a small one ends by itself. */
  readAhead(): void {
    if (!this.isTaken) void this.copy;
  }

  /** Reads the whole body. */
  read(): Promise<Bytes> {
    this.#isRead = true;
    return new LimitedReader(this.#body, this.#limits).readAll();
  }
}
