/** `@fusewire/operations/health`: score, status and probes over breakers, queues and checks. */
export { health } from './health/health.ts';
export { scoreOf, statusOf } from './health/score.ts';
export { CAMPAIGN_WEIGHTS, campaignHealthView, campaignWeights } from './health/views.ts';
export { conexxusHealthView, havenHealthView } from './health/views.ts';

export type { Health, HealthReport, ProbeResult } from './health/health.ts';
export type { HealthOptions } from './health/options.ts';
export type { CheckResult, HealthCheck, SizedQueue } from './health/parts.ts';
export type { HealthPart, HealthStatus, HealthThresholds, ScoredPart } from './health/score.ts';
export type {
  CampaignHealthView,
  CampaignParts,
  ConexxusHealthView,
  ConexxusSync,
  HavenHealthView,
  HavenServiceView,
} from './health/views.ts';
export type { BreakerSource } from './sources.ts';
