export { newRelic, NewRelicReporter } from './reporter.ts';
export { newRelicStreamer } from './streamer.ts';
export { newRelicDashboard } from './dashboard.ts';

export type { NewRelicAgent, NewRelicOptions, NewRelicSource, NewRelicStreamerOptions } from './options.ts';
export type { NewRelicDashboard, NewRelicWidget } from './dashboard.ts';
export type { NewRelicMetric, NewRelicStreamer } from './streamer.ts';
export type { NewRelicStats } from './reporter.ts';
