import { createStreamError } from '../errors/misuse.ts';
import type { ReadableLike } from './stream-types.ts';

/** Result of one request for an item. */
export interface ItemResult {
  readonly done?: boolean | undefined;
  readonly value?: unknown;
}

/** Source of items: an async iterator, or the reader of a `ReadableStream`. */
export interface ItemSource {
  readonly isReadable: boolean;
  next(): PromiseLike<ItemResult>;
  /** Ends the source early. Called at most once. */
  close(reason: unknown): unknown;
}

/** Members of a source, and those of a `Readable` of Node. */
interface Candidate {
  readonly getReader?: unknown;
  readonly [Symbol.asyncIterator]?: () => AsyncIterator<unknown>;
  readonly pipe?: unknown;
  readonly destroy?: unknown;
}

/** Whether a value is a `ReadableStream`, also one of another realm or a polyfill. */
export function isReadableLike(value: unknown): value is ReadableLike {
  return typeof value === 'object' && value !== null && typeof (value as Candidate).getReader === 'function';
}

/**
 * Opens the source of a stream.
 *
 * @param name name of the breaker or policy whose function has returned the value.
 */
export function openSource(value: unknown, name: string): ItemSource {
  if (isReadableLike(value)) {
    const reader = value.getReader();
    return { isReadable: true, next: () => reader.read(), close: (reason) => reader.cancel(reason) };
  }
  const source = Object(value) as Candidate;
  const iterator = source[Symbol.asyncIterator]?.();
  if (iterator === undefined) throw createStreamError(name);
  const close = (): unknown => {
    const closing = iterator.return?.();
    // The iterator of a `Readable` would first wait for an item that may never come.
    if (typeof source.pipe === 'function' && typeof source.destroy === 'function') source.destroy();
    return closing;
  };
  return { isReadable: false, next: () => iterator.next(), close };
}
