import { CircuitBreakerFactory, CircuitBreakerMonitor, circuitBreakerDashboard } from '@fusewire/dialects/nerdgraph';
import type { CircuitBreakerMetric } from '@fusewire/dialects/nerdgraph';
import '@fusewire/dialects/nerdgraph/inversify';
import { TYPES } from '@infrastructure/config/types';
import { MetricStreamer } from '@streaming/metric-streamer';
import { createMockLogger } from '@test/mocks';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import dashboard from '../fixtures/nerdgraph/dashboard.json';
import { CircuitBreakerFactory as FactoryOfTheDocument } from '../fixtures/nerdgraph/src/infrastructure/resilience/circuit-breaker-factory';
import { CircuitBreakerMonitor as MonitorOfTheDocument } from '../fixtures/nerdgraph/src/infrastructure/resilience/circuit-breaker-monitor';
import { NerdGraphClient } from '../fixtures/nerdgraph/src/shared/utils/nerdgraph-client';
import { EntityStreamer } from '../fixtures/nerdgraph/src/streaming/entity-streamer';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  vi.useRealTimers();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('the clients of the document', () => {
  it('NerdGraphClient rejects without a request once its circuit is open', async () => {
    let status = 200;
    let requests = 0;
    const apiUrl = await serve((_request, response) => {
      requests++;
      response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"data":{"actor":1}}');
    });
    const factory = new CircuitBreakerFactory(createMockLogger());
    const client = Object.assign(new NerdGraphClient({ apiKey: 'key' }, createMockLogger(), factory), { apiUrl });
    expect(await client.query('{ actor }')).toEqual({ data: { actor: 1 } });

    status = 503;
    for (let call = 0; call < 5; call++) {
      await expect(client.query('{ actor }')).rejects.toThrow('NerdGraph API error: 503 Service Unavailable');
    }
    await expect(client.query('{ actor }')).rejects.toThrow("Circuit breaker 'nerdgraph-api' is OPEN");
    expect(requests).toBe(6);
    expect(factory.get('nerdgraph-api')?.getStats()).toMatchObject({
      totalCalls: 7,
      totalFailures: 5,
      totalSuccesses: 1,
      totalTimeouts: 0,
      state: 'OPEN',
      lastError: 'NerdGraph API error: 503 Service Unavailable',
    });
  });

  it('NerdGraphClient counts an answer with errors of GraphQL as a failure', async () => {
    const apiUrl = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"errors":[{"message":"no such field"}]}');
    });
    const factory = new CircuitBreakerFactory(createMockLogger());
    const client = Object.assign(new NerdGraphClient({ apiKey: 'key' }, createMockLogger(), factory), { apiUrl });
    for (let call = 0; call < 5; call++) await expect(client.query('{ x }')).rejects.toThrow('GraphQL errors');
    await expect(client.query('{ x }')).rejects.toThrow("Circuit breaker 'nerdgraph-api' is OPEN");
  });

  it('EntityStreamer stops at the batch at which its circuit opens', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests++;
      response.writeHead(requests > 1 ? 500 : 202).end();
    });
    const factory = new CircuitBreakerFactory(createMockLogger());
    const streamer = Object.assign(new EntityStreamer({ ingestKey: 'key' }, createMockLogger(), factory), {
      createBatches: (entities: Entity[]) => entities.map((entity) => [entity]),
      getEventApiUrl: () => url,
    });
    await expect(streamer.streamEntities([{ id: 1 }, { id: 2 }])).rejects.toThrow('Event API error: 500');
    for (let call = 0; call < 2; call++) await expect(streamer.streamEntities([{ id: 3 }])).rejects.toThrow('500');
    await expect(streamer.streamEntities([{ id: 4 }])).rejects.toThrow("Circuit breaker 'event-api' is OPEN");
    expect(requests).toBe(4);
  });
});

describe('the container of the document', () => {
  it('binds the factory and the monitor, which the usage example starts', async () => {
    const streamer = new MetricStreamer();
    container.bind(TYPES.Logger).toConstantValue(createMockLogger());
    container.bind(TYPES.MetricStreamer).toConstantValue(streamer);
    await import('../fixtures/nerdgraph/src/infrastructure/config/container');
    const factory = container.get<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory);
    const monitor = container.get<CircuitBreakerMonitor>(TYPES.CircuitBreakerMonitor);
    expect(factory).toBeInstanceOf(CircuitBreakerFactory);
    expect(container.get(TYPES.CircuitBreakerFactory)).toBe(factory);
    factory.create(config);

    vi.useFakeTimers();
    await import('../fixtures/nerdgraph/src/usage');
    await vi.advanceTimersByTimeAsync(120_000);
    monitor.stopMonitoring();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(streamer.streamed.map((metrics) => metrics.length)).toEqual([1, 1]);
  });
});

const config = {
  name: 'reported',
  failureThreshold: 2,
  successThreshold: 1,
  timeout: 1_000,
  retryDelay: 5_000,
  monitoringWindow: 60_000,
};

describe('the printed modules, beside those of the dialect', () => {
  it('factory and monitor of the document work with the breaker of the dialect', async () => {
    const factory = new FactoryOfTheDocument(createMockLogger());
    const streamer = new MetricStreamer();
    const breaker = factory.create(config);
    expect(factory.create({ ...config, timeout: 1 })).toBe(breaker);
    await breaker.execute(async () => 'fine');
    for (let call = 0; call < 2; call++) await breaker.execute(() => Promise.reject(new Error('down'))).catch(String);
    await breaker.execute(async () => 'fine').catch(String);

    await new MonitorOfTheDocument(factory as unknown as CircuitBreakerFactory, streamer).reportMetrics();
    await new CircuitBreakerMonitor(factory, streamer).reportMetrics();
    const [printed, ours] = streamer.streamed.map(([metric]) => metric as CircuitBreakerMetric);
    expect({ ...ours, timestamp: 0 }).toEqual({ ...printed, timestamp: 0 });
    expect(ours).toMatchObject({ totalCalls: 4, failureRate: 50, successRate: 25, state: 'OPEN' });
    factory.resetAll();
    expect(breaker.getStats().state).toBe('CLOSED');
  });

  it('circuitBreakerDashboard returns the dashboard of the document', () => {
    expect(circuitBreakerDashboard()).toEqual(dashboard);
  });
});
