export { sqliteQueue } from './sqlite-queue.ts';
export type { SqliteConnection, SqliteQueueOptions } from './sqlite-queue.ts';
