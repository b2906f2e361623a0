/** `fusewire/queue`: operations that wait until they can be done. */
export { memoryQueue } from '../queue/memory-queue.ts';
export { queued } from '../policies/fallback/queued/queued.ts';

export type { MemoryQueueOptions } from '../queue/memory-queue.ts';
export type {
  DeadLetter,
  DeadLetterOptions,
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
  FailedEvent,
  FaultEvent,
  MessageEvent,
  OperationContext,
  ResumeOptions,
} from '../queue/consumer-options.ts';
export type {
  Queued,
  QueuedEvent,
  QueuedEvents,
  QueuedOptions,
  QueuedStats,
} from '../policies/fallback/queued/queued.ts';
export type { QueueReceiptStatus, QueueSize, StoreAction } from '../queue/queue-store.ts';
