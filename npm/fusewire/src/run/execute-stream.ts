import { invalidStreamCall } from './arguments.ts';
import type { UserWork } from './call-options.ts';
import { rejectedPromise, suppressUnhandledRejection } from './promises.ts';
import { StreamCall } from './stream-call.ts';
import type { StreamRunner } from './stream-call.ts';
import { openSource } from './stream-source.ts';
import type { ItemResult } from './stream-source.ts';
import type { PolicyStreamOptions, StreamResult, StreamSource } from './stream-types.ts';

/** Runs a stream. The call starts at once. Returns a promise of the stream that is iterable itself. */
export function executeStream<Source extends StreamSource, Other = never>(
  runner: StreamRunner,
  work: unknown,
  options: PolicyStreamOptions | undefined,
): StreamResult<Source, Other> {
  const { name, subject } = runner;
  const invalid = invalidStreamCall(subject, name, work, options);
  const call = invalid === undefined ? new StreamCall(runner, work as UserWork, options) : undefined;
  const opened = call === undefined ? rejectedPromise(invalid) : call.start(runner);
  const iterate = () => itemsOf(opened, name, () => call?.cancel());
  return Object.defineProperty(opened, Symbol.asyncIterator, { value: iterate }) as StreamResult<Source, Other>;
}

/** Returns an iterator over the items of a promised stream. */
function itemsOf(
  opened: Promise<unknown>,
  name: string,
  cancel: () => Promise<unknown> | undefined,
): AsyncIterableIterator<unknown> {
  // The iterator rejects with the error when it is read, which may be later.
  suppressUnhandledRejection(opened);
  let source: Promise<{ next(): PromiseLike<ItemResult> | ItemResult; close(reason?: unknown): unknown }> | undefined;
  return {
    async next() {
      const items = await (source ??= opened.then((stream) => openItems(stream, name)));
      return (await items.next()) as IteratorResult<unknown>;
    },
    async return(value?: unknown) {
      await cancel();
      const items = await source?.catch(() => undefined);
      await items?.close();
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Opens a stream, or the answer of a fallback in its place, which may be an array, too. */
function openItems(stream: unknown, name: string): ReturnType<typeof openSource> | SyncItems {
  const { [Symbol.iterator]: iterate } = Object(stream) as Partial<Iterable<unknown>>;
  if (typeof iterate !== 'function') return openSource(stream, name);
  const iterator = iterate.call(stream);
  return { next: () => iterator.next(), close: () => iterator.return?.() };
}

interface SyncItems {
  next(): ItemResult;
  close(): unknown;
}
