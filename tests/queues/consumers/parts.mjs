/** Parts of the package that a simulation builds from their sources. */
export { MemoryQueueStore } from '../../../npm/fusewire/src/queue/memory-queue.ts';
export { queueOver } from '../../../npm/fusewire/src/queue/stored-queue.ts';
