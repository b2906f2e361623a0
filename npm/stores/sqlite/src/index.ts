export type { SqliteConnection } from './connection.ts';
export { sqliteQueue } from './queue/sqlite-queue.ts';
export type { SqliteQueueOptions } from './queue/sqlite-queue.ts';
export { sqliteEventSink } from './events/sqlite-event-sink.ts';
export type { SqliteEventSinkOptions } from './events/sqlite-event-sink.ts';
