import { alerts, failureRate, opened, pagerDuty, responseTime, stateChanges } from '@fusewire/operations/alerts';
import { eventLog } from '@fusewire/operations/events';
import { campaignWeights, health } from '@fusewire/operations/health';
import { prometheus } from '@fusewire/prometheus';
import type { CircuitBreaker as Engine, RateLimit } from 'fusewire';
import type { Queue } from 'fusewire/queue';
import type { Logger } from '../circuit-breaker.ts';
import type { DatabaseTransactionManager } from '../database-transaction.ts';
import type { Settings } from '../settings.ts';

/** Parts that are observed. */
export interface OperationsOptions {
  readonly settings: Settings;
  readonly breakers: ReadonlyMap<string, Engine>;
  readonly transactions: DatabaseTransactionManager;
  readonly limit: RateLimit;
  readonly queues: Readonly<Record<string, Queue<never>>>;
  readonly logger: Logger;
}

/** Time for which a refused submission makes the rate limit count as degraded. */
const REFUSAL_COUNTS = 60_000;

/** Starts what observes the breakers: audit log, health, alerts and metrics. No call waits for any of it. */
export function startOperations({ settings, breakers, transactions, limit, queues, logger }: OperationsOptions) {
  const all = [...breakers.values()];
  const events = eventLog();
  const { PAGERDUTY_KEY: routingKey, PAGERDUTY_URL: url } = settings;
  const watcher = alerts({
    name: 'campaign',
    // The alerts of the runbook.
    rules: [opened({ coolDown: 0 }), failureRate(), responseTime(), stateChanges()],
    notifiers: routingKey === undefined ? [] : [pagerDuty({ routingKey, url })],
    log: events,
  });
  for (const breaker of all) {
    events.watch(breaker);
    watcher.watch(breaker);
  }
  watcher.on('firing', ({ summary }) => logger.warn(`Alert: ${summary}`, {}));
  const metrics = prometheus({ sources: all });

  let refusedAt = Number.NEGATIVE_INFINITY;
  limit.on('reject', () => (refusedAt = performance.now()));
  const external = [...breakers.keys()].filter((name) => name !== 'database' && name !== 'n8n');
  return {
    events,
    alerts: watcher,
    metrics: () => metrics.text(),
    health: health({
      registry: breakers,
      queues,
      checks: {
        rateLimiting: () => ({ state: performance.now() - refusedAt < REFUSAL_COUNTS ? 'DEGRADED' : 'UP' }),
        'database connection': async () => (await transactions.health()).isReachable,
      },
      // The score of the document. Other parts are shown, and do not change it.
      weights: campaignWeights({ database: 'database', n8n: 'n8n', external, rateLimiting: 'rateLimiting' }),
      defaultWeight: 0,
    }),
    async close() {
      metrics.close();
      await watcher.close({ timeout: 1_000 });
      await events.close();
    },
  };
}
