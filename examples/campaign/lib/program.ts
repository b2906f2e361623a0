import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { postgresMetrics, postgresQueue } from '@fusewire/postgres';
import { sqliteQueue } from '@fusewire/sqlite';
import Redis from 'ioredis';
import type { CircuitBreaker as Engine } from 'fusewire';
import { batchedQueue } from './campaigns/batched-queue.ts';
import type { Campaign } from './campaigns/campaign.ts';
import { Campaigns } from './campaigns/campaigns.ts';
import { Reviews } from './campaigns/reviews.ts';
import { createTables } from './campaigns/schema.ts';
import { redisAnswers } from './circuit-breaker.ts';
import type { Logger } from './circuit-breaker.ts';
import { DatabaseTransactionManager } from './database-transaction.ts';
import { embeddedDatabase } from './database/embedded.ts';
import { serverDatabase } from './database/server.ts';
import { externalServices } from './external-service-circuit-breakers.ts';
import { N8NClient } from './n8n-client.ts';
import type { N8NRegion } from './n8n-client.ts';
import { startOperations } from './operations/operations.ts';
import { probeOpenCircuits } from './operations/recovery.ts';
import type { Settings } from './settings.ts';

/** Puts the program together. Resolves when its tables exist, and also if the database is away: they are created later. */
export async function startProgram(settings: Settings, logger: Logger = console) {
  const { DATABASE_URL: connectionString, breakers: configs } = settings;
  const database =
    connectionString === undefined
      ? embeddedDatabase(settings.DATABASE_FOLDER)
      : serverDatabase({ connectionString, size: settings.DATABASE_CONNECTIONS });
  const redis = settings.REDIS_URL === undefined ? undefined : openRedis(settings.REDIS_URL);
  const store = redis && redisAnswers(redis, 'campaign:');
  const transactions = new DatabaseTransactionManager({ database, config: configs.database, store, logger });

  const queue = batchedQueue(
    postgresQueue<readonly unknown[]>({
      pool: database,
      preparedStatements: settings.DATABASE_PREPARED,
      table: 'campaign_queue',
    }),
  );
  if (path.dirname(settings.SPOOL) !== '.') mkdirSync(path.dirname(settings.SPOOL), { recursive: true });
  const spool = batchedQueue(sqliteQueue<Campaign>({ path: settings.SPOOL }));

  const services = externalServices({
    urls: {
      unipile: settings.UNIPILE_URL,
      reachinbox: settings.REACHINBOX_URL,
      linkedin: settings.LINKEDIN_URL,
      apollo: settings.APOLLO_URL,
      leads: settings.LEADS_URL,
    },
    configs: configs.services,
    leadsConfig: configs.leads,
    queue,
    store,
    onSent: async ({ campaign }) => void (await campaigns.settle(campaign, ['email'])),
    logger,
  });
  const n8n = new N8NClient({
    regions: regionsOf(settings),
    apiKey: settings.N8N_API_KEY,
    queue,
    onStarted: async ({ input }) => void (await campaigns.settle((input as Campaign).id, ['workflow'])),
    config: configs.n8n,
    logger,
  });
  const campaigns: Campaigns = new Campaigns({
    transactions,
    services,
    n8n,
    spool,
    perSecond: settings.CAMPAIGNS_PER_SECOND,
  });
  const onDecided = ({ campaign }: { readonly campaign: string }) => campaigns.settle(campaign, ['invitation']);
  const reviews = new Reviews({ transactions, services, queue, onDecided });

  const all = [transactions.breaker.engine, ...n8n.breakers, ...services.breakers];
  const breakers = new Map<string, Engine>(all.map((breaker) => [breaker.name, breaker]));
  const queues = { queue: queue as never, spool: spool as never };
  const operations = startOperations({ settings, breakers, transactions, limit: campaigns.limit, queues, logger });
  const metrics = postgresMetrics({
    pool: database,
    sources: all,
    logger: { error: (message) => logger.warn(message, {}) },
  });
  const stopProbes = probeOpenCircuits([
    { breaker: transactions.breaker.engine, ping: () => transactions.ping() },
    ...n8n.breakers.map((breaker, index) => ({ breaker, ping: (signal: AbortSignal) => n8n.ping(index, signal) })),
    ...services.breakers.map((breaker) => ({
      breaker,
      ping: (signal: AbortSignal) => services.ping(breaker.name as 'unipile', signal),
    })),
  ]);
  await createTables(database).catch((error: Error) => logger.warn(`No tables yet: ${error.message}`, {}));

  return {
    settings,
    database,
    transactions,
    queue,
    spool,
    services,
    n8n,
    campaigns,
    reviews,
    breakers,
    queues,
    operations,
    metrics,
    async close() {
      stopProbes();
      await Promise.all([campaigns.close(), reviews.close(), n8n.close(), services.close()]);
      await operations.close();
      await Promise.all([spool.close(), queue.close(), metrics.close()]);
      redis?.disconnect();
      await database.close();
    },
  };
}

/** Parts of the program. */
export type Program = Awaited<ReturnType<typeof startProgram>>;

function regionsOf({ N8N_INSTANCE_URL, N8N_SECOND_REGION_URL }: Settings): [N8NRegion, ...N8NRegion[]] {
  const first = { name: 'first-region', url: N8N_INSTANCE_URL };
  return N8N_SECOND_REGION_URL === undefined ? [first] : [first, { name: 'second-region', url: N8N_SECOND_REGION_URL }];
}

/** Returns a client that fails at once while Redis is away: the fallback has no time to wait for it. */
function openRedis(url: string): Redis {
  const client = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, lazyConnect: true });
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  return client;
}
