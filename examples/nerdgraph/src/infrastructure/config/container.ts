import 'reflect-metadata';
import { circuitBreakerModule } from '@fusewire/dialects/nerdgraph/inversify';
import { newRelicStreamer } from '@fusewire/newrelic';
import { sqliteQueue } from '@fusewire/sqlite';
import { Container } from 'inversify';
import { Platform } from '../../platform.ts';
import type { Logger } from '../../shared/utils/logger.ts';
import { NerdGraphClient } from '../../shared/utils/nerdgraph-client.ts';
import { EntityStreamer } from '../../streaming/entity-streamer.ts';
import { readSettings } from './settings.ts';
import type { Variables } from './settings.ts';
import { TYPES } from './types.ts';

/** Returns the container of the program. Throws for invalid variables. */
export async function createContainer(variables: Variables, logger: Logger): Promise<Container> {
  const settings = readSettings(variables);
  const { NEW_RELIC_ACCOUNT_ID: accountId, NEW_RELIC_INGEST_KEY: apiKey, EVENT_API_URL, DATABASE } = settings;
  const url = new URL(`/v1/accounts/${accountId}/events`, EVENT_API_URL).href;
  const container = new Container();
  container.bind(TYPES.Settings).toConstantValue(settings);
  container.bind(TYPES.Logger).toConstantValue(logger);
  container.bind(TYPES.MetricStreamer).toConstantValue(newRelicStreamer({ apiKey, url }));
  container.bind(TYPES.EntityQueue).toConstantValue(sqliteQueue({ path: DATABASE }));
  await container.load(circuitBreakerModule());
  container.bind(TYPES.NerdGraphClient).to(NerdGraphClient).inSingletonScope();
  container.bind(TYPES.EntityStreamer).to(EntityStreamer).inSingletonScope();
  container.bind(TYPES.Platform).to(Platform).inSingletonScope();
  return container;
}
