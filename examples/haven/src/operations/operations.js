import { alerts, opened, stateChanges, webhook } from '@fusewire/operations/alerts';
import { eventLog } from '@fusewire/operations/events';
import { health } from '@fusewire/operations/health';
import { prometheus } from '@fusewire/prometheus';
import { sqliteEventSink } from '@fusewire/sqlite';
import { watchTrends } from './trends.js';

/** Starts what watches the breakers: event log, health, alerts, metrics and predictions. No call waits for any of it. */
export function startOperations({ engines, database, settings, logger }) {
  const breakers = [...engines.values()];
  const events = eventLog({ sinks: sqliteEventSink({ database: database.database }) });
  const watcher = alerts({
    name: 'haven',
    rules: [opened({ coolDown: 0 }), stateChanges()],
    notifiers: settings.ALERT_URL === undefined ? [] : [webhook({ url: settings.ALERT_URL })],
    log: events,
  });
  for (const breaker of breakers) {
    events.watch(breaker);
    watcher.watch(breaker);
  }
  watcher.on('firing', ({ summary }) => logger.warn(`Alert: ${summary}`));
  const metrics = prometheus({ sources: breakers });
  const trends = watchTrends(engines, settings.PREDICTION, logger);
  return {
    events,
    alerts: watcher,
    metrics: () => metrics.text(),
    trends,
    /** Health of the whole system: without its database haven can do nothing. */
    health: health({
      registry: engines,
      checks: { database: () => database.check() },
      weights: { database: 3, mpesa: 2 },
      critical: ['database'],
      readyRequires: ['database'],
    }),
    async close() {
      trends.stop();
      metrics.close();
      await watcher.close({ timeout: 1_000 });
      await events.close();
    },
  };
}
