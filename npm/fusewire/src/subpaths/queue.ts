/** `fusewire/queue`: operations that wait until they can be done. */
export { memoryQueue } from '../queue/memory-queue.ts';
export { QueueFullError } from '../queue/queue-full-error.ts';
export { queued } from '../policies/fallback/queued/queued.ts';

export type { MemoryQueueOptions } from '../queue/memory-queue.ts';
export type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterOptions,
  DeadLetterPage,
  DeadLetterSelection,
  EnqueueOptions,
  Queue,
  QueueMessage,
  QueueReceipt,
} from '../queue/queue.ts';
export type {
  AttemptEvent,
  BuriedEvent,
  CloseOptions,
  ConsumeOptions,
  Consumer,
  ConsumerEvents,
  ConsumerOptions,
  ConsumerStats,
  ExpiredEvent,
  FailedEvent,
  FaultEvent,
  MessageEvent,
  OperationContext,
  ResumeOptions,
} from '../queue/consumer-options.ts';
export type {
  NotQueuedEvent,
  Queued,
  QueuedEvent,
  QueuedEvents,
  QueuedOptions,
  QueuedStats,
} from '../policies/fallback/queued/queued.ts';
export type { QueueFault, QueueHealth } from '../queue/queue-health.ts';
export type { QueueOptions } from '../queue/queue-options.ts';
export type { Durability, QueueReceiptStatus, QueueSize, StoreAction } from '../queue/queue-store.ts';
