export { pgBossQueue } from './queue/pg-boss-queue.ts';
export type { PgBossQueueOptions } from './queue/pg-boss-queue.ts';
