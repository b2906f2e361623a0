/** `fusewire/queue`: operations that wait for the circuit to close. */
export { memoryQueue } from '../policies/fallback/queued/memory-queue.ts';
export { queued } from '../policies/fallback/queued/queued.ts';

export type { MemoryQueueOptions } from '../policies/fallback/queued/memory-queue.ts';
export type {
  DeadLetter,
  Lease,
  Queue,
  QueueMessage,
  QueueReceipt,
  QueueSize,
} from '../policies/fallback/queued/queue.ts';
export type { Queued, QueuedOptions, QueuedStats } from '../policies/fallback/queued/queued.ts';
export type { ReplayContext, ReplayReport } from '../policies/fallback/queued/replay.ts';
