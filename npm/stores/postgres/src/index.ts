export type { PostgresPool } from './connection.ts';
export { postgresQueue } from './queue/postgres-queue.ts';
export type { PostgresQueueOptions } from './queue/postgres-queue.ts';
export { postgresEventSink } from './events/postgres-event-sink.ts';
export type { PostgresEventSinkOptions } from './events/postgres-event-sink.ts';
