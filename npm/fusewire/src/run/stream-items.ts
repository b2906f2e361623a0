import type { ItemResult } from './stream-source.ts';

/** Stream as the consumer reads it. */
interface ItemReader {
  next(): Promise<ItemResult>;
  cancel(reason?: unknown): Promise<unknown>;
}

/** Iterator over the items of a stream. */
export class StreamItems implements AsyncIterableIterator<unknown> {
  readonly #reader: ItemReader;

  constructor(reader: ItemReader) {
    this.#reader = reader;
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#reader.next() as Promise<IteratorResult<unknown>>;
  }

  /** Ends the stream early. */
  async return(value?: unknown): Promise<IteratorReturnResult<unknown>> {
    await this.#reader.cancel();
    return { done: true, value: await value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Returns a `ReadableStream` of the items. It asks for an item only when somebody reads one. */
export function readableOf(reader: ItemReader): ReadableStream<unknown> {
  return new ReadableStream<unknown>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async (reason) => {
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
