/** The platform against a New Relic that misbehaves. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMockLogger } from '@test/mocks';
import { arrivals, entities, Environment, until } from '../scenario/fixture';
import { createContainer } from '../src/infrastructure/config/container';
import { CircuitBreakerFactory, CircuitBreakerMonitor } from '../src/infrastructure/resilience/circuit-breaker';
import { TYPES } from '../src/infrastructure/config/types';
import { ACCOUNT_ID } from '../upstreams/new-relic';

let environment: Environment;
beforeEach(async () => {
  environment = await Environment.create();
});
afterEach(() => environment[Symbol.asyncDispose]());

async function start() {
  const logger = createMockLogger();
  const { platform, breaker } = await environment.start(logger);
  const drained = () => until('all batches are sent', async () => (await platform.entities.pending()) === 0);
  return { logger, platform, breaker, drained, newRelic: environment.newRelic };
}

describe('the container', () => {
  it('has one factory and one monitor, with the logger of the program', async () => {
    const logger = createMockLogger();
    const container = await createContainer(environment.variables, logger);
    const factory = container.get<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory);
    expect(factory).toBeInstanceOf(CircuitBreakerFactory);
    expect(container.get(TYPES.CircuitBreakerFactory)).toBe(factory);
    expect(container.get(TYPES.CircuitBreakerMonitor)).toBeInstanceOf(CircuitBreakerMonitor);
    container.get(TYPES.Platform);
    expect([...factory.getAll().keys()].sort()).toEqual(['event-api', 'nerdgraph-api']);
    await factory.get('event-api')?.execute(async () => 'fine');
    expect(logger.debug).toHaveBeenCalledWith(expect.stringMatching(/^event-api call succeeded in \d+ms$/));
  });

  it('names every wrong variable, and shows no secret', async () => {
    const variables = { NEW_RELIC_ACCOUNT_ID: 'none', NEW_RELIC_API_KEY: 'user-key', EVENT_API_URL: 'nowhere' };
    const error = await createContainer(variables, createMockLogger()).catch((each: Error) => each);
    for (const name of ['NEW_RELIC_ACCOUNT_ID', 'NEW_RELIC_INGEST_KEY', 'EVENT_API_URL']) {
      expect(String(error)).toContain(name);
    }
    expect(String(error)).not.toContain('user-key');
  });
});

describe('NerdGraphClient', () => {
  it('rejects without a request once its circuit is open', async () => {
    const { platform, breaker, newRelic } = await start();
    newRelic.nerdGraph.behaviour = 'outage';
    const before = newRelic.nerdGraph.requests;
    const ask = () => platform.nerdGraph.query('{ actor { __typename } }');
    for (let call = 0; call < 5; call++) await expect(ask()).rejects.toThrow('NerdGraph API error: 503');
    await expect(ask()).toBeRejectedByCircuit('nerdgraph-api');
    expect(breaker('nerdgraph-api')).toBeOpen();
    expect(newRelic.nerdGraph.requests).toBe(before + 5);
    await platform.stop();
  });

  it('counts errors of GraphQL as failures', async () => {
    const { platform, breaker } = await start();
    await expect(platform.nerdGraph.query('{ actor { nobody } }')).rejects.toThrow('GraphQL errors: ');
    expect(breaker('nerdgraph-api')).toHaveStats({ totalFailures: 1 });
    await platform.stop();
  });

  it('aborts a request that takes longer than the timeout', async () => {
    const { platform, newRelic } = await start();
    newRelic.nerdGraph.behaviour = 'hang';
    await expect(platform.nerdGraph.query('{ actor { __typename } }')).toTimeOut('nerdgraph-api');
    await platform.stop();
  });
});

describe('EntityStreamer', () => {
  it('loses no rejected batch, and sends each once over an outage', async () => {
    const { platform, breaker, drained, newRelic, logger } = await start();
    newRelic.eventApi.behaviour = 'outage';
    await platform.entities.streamEntities(entities(100));
    await until('the circuit opens', () => breaker('event-api').getStats().state === 'OPEN');
    await platform.entities.streamEntities(entities(55, 101));
    expect(await platform.entities.pending()).toBe(16);
    newRelic.eventApi.behaviour = 'up';
    await drained();
    expect(arrivals(newRelic, entities(155))).toBe('155 once');
    expect(breaker('event-api')).toBeClosed();
    expect(logger.warn).toHaveBeenCalledWith("Circuit breaker 'event-api' opened");
    expect(logger.info).toHaveBeenCalledWith("Circuit breaker 'event-api' closed");
    await platform.stop();
  });

  it('sends no batch twice whose answer was lost', async () => {
    const { platform, breaker, drained, newRelic } = await start();
    newRelic.eventApi.behaviour = 'lost answers';
    await platform.entities.streamEntities(entities(40));
    await drained();
    expect(arrivals(newRelic, entities(40))).toBe('40 once');
    expect(breaker('event-api').getStats().totalFailures).toBeGreaterThanOrEqual(4);
    await platform.stop();
  });

  it('waits as long as Retry-After asks for', async () => {
    const { platform, newRelic, drained, logger } = await start();
    newRelic.eventApi.behaviour = { limited: 1 };
    await platform.entities.streamEntities(entities(10));
    await until('a request is refused', () => newRelic.eventApi.requests > 0);
    newRelic.eventApi.behaviour = 'up';
    await drained();
    expect(logger.warn).toHaveBeenCalledWith(expect.stringMatching(/^Batch .* is tried again in 1000 ms$/));
    expect(arrivals(newRelic, entities(10))).toBe('10 once');
    await platform.stop();
  });

  it('keeps what New Relic refuses as invalid, and goes on with the others', async () => {
    const { platform, drained, newRelic, logger } = await start();
    await platform.entities.streamEntities([{ eventType: 'no event type', entityId: 0 }]);
    await platform.entities.streamEntities(entities(10));
    await drained();
    expect(arrivals(newRelic, entities(10))).toBe('10 once');
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringMatching(/^New Relic refuses batch .* it is a dead letter$/),
    );
    await platform.stop();
  });

  it('sends what an earlier process has left', async () => {
    const { platform, newRelic } = await start();
    newRelic.eventApi.behaviour = 'outage';
    await platform.entities.streamEntities(entities(30));
    await platform.stop();
    newRelic.eventApi.behaviour = 'up';
    const later = await start();
    await later.drained();
    expect(arrivals(newRelic, entities(30))).toBe('30 once');
    await later.platform.stop();
  });
});

describe('the dashboard', () => {
  it('is created in the account by dashboardCreate, with the queries of the document', async () => {
    const { platform, newRelic } = await start();
    const widgets = newRelic.dashboards[0]?.pages[0]?.widgets ?? [];
    expect(newRelic.dashboards.map(({ name }) => name)).toEqual(['Circuit Breaker Health']);
    expect(widgets.map(({ title, rawConfiguration }) => [title, rawConfiguration.nrqlQueries?.[0]])).toEqual([
      [
        'Circuit Breaker States',
        { accountIds: [ACCOUNT_ID], query: 'FROM CircuitBreakerMetric SELECT latest(state) FACET breakerName' },
      ],
      [
        'Failure Rates',
        {
          accountIds: [ACCOUNT_ID],
          query: 'FROM CircuitBreakerMetric SELECT average(failureRate) FACET breakerName TIMESERIES',
        },
      ],
      [
        'Response Times',
        {
          accountIds: [ACCOUNT_ID],
          query: 'FROM CircuitBreakerMetric SELECT average(averageResponseTime) FACET breakerName TIMESERIES',
        },
      ],
    ]);
    await platform.importDashboard();
    expect(newRelic.dashboards.length).toBe(1);
    await platform.stop();
  });

  it('is imported once, although the answer of dashboardCreate was lost', async () => {
    environment.newRelic.nerdGraph.behaviour = 'lost answers';
    const { platform, newRelic, logger } = await start();
    expect(logger.warn).toHaveBeenCalledWith(expect.stringMatching(/^The dashboard was not imported: /));
    newRelic.nerdGraph.behaviour = 'up';
    await platform.importDashboard();
    expect(await platform.importDashboard()).toBe(newRelic.dashboards[0]?.guid);
    expect(newRelic.dashboards.length).toBe(1);
    await platform.stop();
  });
});

describe('CircuitBreakerMonitor', () => {
  it('streams the metrics of both breakers to the Event API', async () => {
    const { platform, drained, newRelic } = await start();
    await platform.entities.streamEntities(entities(20));
    await drained();
    await platform.monitor.reportMetrics();
    const metrics = newRelic.eventsOf('CircuitBreakerMetric');
    expect(metrics.map(({ breakerName }) => breakerName).sort()).toEqual(['event-api', 'nerdgraph-api']);
    expect(metrics.find(({ breakerName }) => breakerName === 'event-api')).toMatchObject({
      state: 'CLOSED',
      totalCalls: 2,
      totalSuccesses: 2,
      failureRate: 0,
      successRate: 100,
    });
    await platform.stop();
  });
});
