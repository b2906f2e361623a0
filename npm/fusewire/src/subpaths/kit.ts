/**
 * `fusewire/kit`: parts for authors of adapters, such as a client, a store or a framework module. Programs need none of them.
 */
export { defineErrorClass } from '../errors/error-class.ts';
export { readOptions } from '../options/options-reader.ts';
export { statusOf } from '../classification/http-status.ts';
export { queueOver } from '../queue/stored-queue.ts';
export { BreakerWatch, isBreakerSource } from '../breaker/breaker-watch.ts';
export { callInScope, captureScope } from '../run/async-scope.ts';
export { suggestion } from '../options/suggestion.ts';
export { readRetryAfter } from '../policies/retry/retry-after.ts';

export type { AsyncScope } from '../run/async-scope.ts';
export type { BreakerSource } from '../breaker/breaker-watch.ts';
export type { OptionsReader } from '../options/options-reader.ts';
export type { Queue } from '../queue/queue.ts';
export type {
  NewMessage,
  PutBack,
  QueueReceiptStatus,
  QueueSize,
  QueueStore,
  Settlement,
  StoredMessage,
  StoreWorker,
  WorkerHooks,
  WorkerSettings,
} from '../queue/queue-store.ts';
