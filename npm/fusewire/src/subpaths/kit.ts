/**
 * `fusewire/kit`: parts for authors of adapters, such as a client, a store or a framework module. Programs need none of them.
 */
export { defineErrorClass } from '../errors/error-class.ts';
export { readOptions } from '../options/options-reader.ts';
export { statusOf } from '../classification/http-status.ts';
export { LeaseWorker } from '../queue/lease-worker.ts';
export { errorText, storableText } from '../queue/queue-text.ts';
export { readQueueLimits } from '../queue/queue-options.ts';
export { queueOver } from '../queue/stored-queue.ts';
export { BreakerWatch, isBreakerSource, readBreakerSources } from '../breaker/breaker-watch.ts';
export { callInScope, captureScope } from '../run/async-scope.ts';
export { suggestion } from '../options/suggestion.ts';
export { readRetryAfter } from '../policies/retry/retry-after.ts';
export { WeekClock } from '../adaptive/week-clock.ts';
export { isInWeekTimes, readWeekTimes } from '../adaptive/week-times.ts';

export type { AsyncScope } from '../run/async-scope.ts';
export type { BreakerSource } from '../breaker/breaker-watch.ts';
export type { OptionsReader } from '../options/options-reader.ts';
export type { WeekTimes } from '../adaptive/week-times.ts';
export type { QueueLimits, QueueOptions } from '../queue/queue-options.ts';
export type { Queue } from '../queue/queue.ts';
export type {
  Durability,
  InsertedMessage,
  InsertOptions,
  LeaseStore,
  LetterFilter,
  LetterPage,
  LetterPosition,
  LetterRange,
  MessageStore,
  NewMessage,
  PutBack,
  QueueReceiptStatus,
  QueueSize,
  QueueStore,
  Settlement,
  StoreCheck,
  StoredLetter,
  StoredMessage,
  StoreWorker,
  WorkerHooks,
  WorkerSettings,
  WorkerStore,
} from '../queue/queue-store.ts';
