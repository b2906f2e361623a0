export type { PostgresPool } from './connection.ts';
export { postgresQueue } from './queue/postgres-queue.ts';
export type { PostgresQueueOptions } from './queue/postgres-queue.ts';
export { postgresEventSink } from './events/postgres-event-sink.ts';
export type { PostgresEventSinkOptions } from './events/postgres-event-sink.ts';
export { postgresMetrics } from './metrics/postgres-metrics.ts';
export type { PostgresMetrics, PostgresMetricsStats } from './metrics/postgres-metrics.ts';
export type { MetricsSource, PostgresMetricsOptions } from './metrics/options.ts';
