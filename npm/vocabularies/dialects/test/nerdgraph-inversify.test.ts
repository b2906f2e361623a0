/** Tests of the module for inversify, on a container as a program has it. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreakerFactory, CircuitBreakerMonitor } from '@fusewire/dialects/nerdgraph';
import { circuitBreakerModule, TYPES } from '@fusewire/dialects/nerdgraph/inversify';
import { OptionsError } from 'fusewire';
import { Container } from 'inversify';

const CONFIG = {
  name: 'event-api',
  failureThreshold: 3,
  successThreshold: 2,
  timeout: 20_000,
  retryDelay: 10_000,
  monitoringWindow: 60_000,
};
const silent = { debug() {}, info() {}, warn() {} };

function streamer() {
  const streamed: unknown[][] = [];
  return { streamed, streamMetrics: async (metrics: unknown[]) => void streamed.push(metrics) };
}

function containerWith(
  logger: unknown,
  metricStreamer: unknown,
  identifiers: Record<string, symbol> = TYPES,
): Container {
  const container = new Container();
  container.bind(identifiers['Logger'] as symbol).toConstantValue(logger);
  container.bind(identifiers['MetricStreamer'] as symbol).toConstantValue(metricStreamer);
  return container;
}

test('the module binds one factory and one monitor of it', async () => {
  const warnings: string[] = [];
  const metrics = streamer();
  const container = containerWith({ ...silent, warn: (message: string) => warnings.push(message) }, metrics);
  await container.load(circuitBreakerModule());
  const factory = container.get<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory);
  const monitor = container.get<CircuitBreakerMonitor>(TYPES.CircuitBreakerMonitor);
  assert.ok(factory instanceof CircuitBreakerFactory && monitor instanceof CircuitBreakerMonitor);
  assert.equal(container.get(TYPES.CircuitBreakerFactory), factory);
  assert.equal(container.get(TYPES.CircuitBreakerMonitor), monitor);

  await assert.rejects(factory.create(CONFIG).execute(() => Promise.reject(new Error('down'))));
  assert.deepEqual(warnings, ['event-api call failed: down']);
  await monitor.reportMetrics();
  assert.equal(metrics.streamed[0]?.length, 1);
});

test('the bindings of the document work without decorate() in the program', () => {
  const container = containerWith(silent, streamer());
  container.bind<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory).to(CircuitBreakerFactory).inSingletonScope();
  container.bind<CircuitBreakerMonitor>(TYPES.CircuitBreakerMonitor).to(CircuitBreakerMonitor).inSingletonScope();
  assert.ok(container.get(TYPES.CircuitBreakerMonitor) instanceof CircuitBreakerMonitor);
  assert.ok(container.get(TYPES.CircuitBreakerFactory) instanceof CircuitBreakerFactory);
});

test('TYPES has the symbols of the document', () => {
  assert.equal(TYPES.CircuitBreakerFactory, Symbol.for('CircuitBreakerFactory'));
  assert.equal(TYPES.CircuitBreakerMonitor, Symbol.for('CircuitBreakerMonitor'));
});

test('the module takes the identifiers of the program for logger and streamer', async () => {
  const own = { Logger: Symbol('log'), MetricStreamer: Symbol('metrics') };
  const container = containerWith(silent, streamer(), own);
  await container.load(circuitBreakerModule({ logger: own.Logger, metricStreamer: own.MetricStreamer }));
  assert.ok(container.get(TYPES.CircuitBreakerMonitor) instanceof CircuitBreakerMonitor);
});

test('the module does not need a streamer of metrics for the factory', async () => {
  const container = new Container();
  container.bind(TYPES.Logger).toConstantValue(silent);
  await container.load(circuitBreakerModule());
  assert.ok(container.get(TYPES.CircuitBreakerFactory) instanceof CircuitBreakerFactory);
});

test('the monitor stops when the module is unloaded', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const metrics = streamer();
  const container = containerWith(silent, metrics);
  const module = circuitBreakerModule();
  await container.load(module);
  container.get<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory).create(CONFIG);
  container.get<CircuitBreakerMonitor>(TYPES.CircuitBreakerMonitor).startMonitoring(1_000);
  t.mock.timers.tick(1_000);
  await container.unload(module);
  t.mock.timers.tick(10_000);
  assert.equal(metrics.streamed.length, 1);
});

test('the module rejects invalid options, all in one error', () => {
  const options = { logger: 1, metricStreamer: {}, others: true };
  assert.throws(
    () => circuitBreakerModule(options as never),
    (error: OptionsError) => {
      assert.ok(error instanceof OptionsError);
      for (const name of ['logger', 'metricStreamer', 'others']) assert.ok(error.message.includes(name), error.message);
      return true;
    },
  );
});
