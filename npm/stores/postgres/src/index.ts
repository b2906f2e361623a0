export { postgresQueue } from './postgres-queue.ts';
export type { PostgresPool, PostgresQueueOptions } from './postgres-queue.ts';
