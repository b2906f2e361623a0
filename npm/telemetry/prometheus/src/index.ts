export { prometheus, PrometheusMetrics } from './metrics.ts';

export type { ClientRegistry } from './client.ts';
export type { Labels } from './families.ts';
export type { MetricsClient, MetricsSource, PrometheusOptions } from './options.ts';
export type { TextFormat } from './text.ts';
