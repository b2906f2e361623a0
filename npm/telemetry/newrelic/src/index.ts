export { newRelic, NewRelicReporter } from './reporter.ts';
export { newRelicDashboard } from './dashboard.ts';

export type { NewRelicAgent, NewRelicOptions, NewRelicSource } from './options.ts';
export type { NewRelicDashboard, NewRelicWidget } from './dashboard.ts';
export type { NewRelicStats } from './reporter.ts';
