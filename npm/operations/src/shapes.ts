/** `@fusewire/operations/shapes`: stats of breakers in the shapes of the haven and the campaign document. */
export { campaignMetrics } from './shapes/campaign.ts';
export { havenMetrics } from './shapes/haven.ts';

export type { CampaignMetrics } from './shapes/campaign.ts';
export type { HavenMetrics, HavenMetricsSummary } from './shapes/haven.ts';
