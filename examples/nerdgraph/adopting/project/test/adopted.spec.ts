/** The printed code after the patch: container, usage example and clients. */
import type { CircuitBreakerConfig, CircuitBreakerFactory, CircuitBreakerMonitor } from '@fusewire/dialects/nerdgraph';
import { createMockLogger } from '@test/mocks';
import type { Container } from 'inversify';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { NerdGraphClient } from '../src/shared/utils/nerdgraph-client';

const { container, TYPES } = globalThis as unknown as { container: Container; TYPES: Record<string, symbol> };
const typeOf = (name: string): symbol => TYPES[name] ?? expect.fail(name);
const server = createServer((request) => {
  aborted = once(request.socket, 'close');
});
let aborted: Promise<unknown> | undefined;
afterEach(() => {
  vi.restoreAllMocks();
  server.close();
});

it('binds by the module, reports by the usage example, and aborts requests that time out', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const streamed: unknown[][] = [];
  container.bind(typeOf('Logger')).toConstantValue(createMockLogger());
  container
    .bind(TYPES.MetricStreamer)
    .toConstantValue({ streamMetrics: async (each: unknown[]) => streamed.push(each) });
  await import('../src/infrastructure/config/container');
  const factory = container.get<CircuitBreakerFactory>(typeOf('CircuitBreakerFactory'));
  const create = factory.create.bind(factory);
  factory.create = (config: CircuitBreakerConfig) => create({ ...config, timeout: 50 });
  const client = Object.assign(new NerdGraphClient({ apiKey: 'key' }, createMockLogger(), factory), {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  });
  await expect(client.query('{ actor }')).rejects.toThrow('Timeout after 50ms');
  await aborted;

  const monitor = container.get<CircuitBreakerMonitor>(typeOf('CircuitBreakerMonitor'));
  const start = vi.spyOn(monitor, 'startMonitoring');
  await import('../src/usage');
  expect(start).toHaveBeenCalledWith(60_000);
  await monitor.reportMetrics();
  monitor.stopMonitoring();
  expect(streamed).toEqual([[expect.objectContaining({ breakerName: 'nerdgraph-api', totalTimeouts: 1 })]]);
});
