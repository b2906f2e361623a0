export type { PostgresPool } from './connection.ts';
export { postgresQueue } from './queue/postgres-queue.ts';
export type { PostgresQueueOptions } from './queue/postgres-queue.ts';
