export { bullmqQueue } from './queue/bullmq-queue.ts';
export type { BullmqQueueOptions } from './queue/bullmq-queue.ts';
