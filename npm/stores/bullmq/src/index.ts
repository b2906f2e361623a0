export { bullmqQueue } from './bullmq-queue.ts';
export type { BullmqQueueOptions } from './bullmq-queue.ts';
