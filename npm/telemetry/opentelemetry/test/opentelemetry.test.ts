import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { BreakerRegistry, CircuitBreaker, OptionsError, pipeline } from 'fusewire';
import { instrument } from '@fusewire/opentelemetry';
import type { InstrumentOptions } from '@fusewire/opentelemetry';

const succeed = () => Promise.resolve('done');
const fail = () => Promise.reject(new TypeError('it failed'));

async function run(
  runner: { execute(work: () => Promise<unknown>): Promise<unknown> },
  ...works: (() => Promise<unknown>)[]
) {
  for (const work of works) await runner.execute(work).catch(() => undefined);
}

const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
const spanExporter = new InMemorySpanExporter();
const meters = new MeterProvider({ readers: [reader] });
const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] });

/** Returns the values of a metric of some breaker or pipeline by its attributes, as `key=value` pairs; of a histogram, the counts. */
async function valuesOf(name: string, of: string): Promise<Record<string, number>> {
  metricExporter.reset();
  await reader.forceFlush();
  const metrics = metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const all = metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  const points = all.filter(({ attributes }) => Object.values(attributes).includes(of));
  return Object.fromEntries(
    points.map(({ attributes, value }) => [
      Object.entries(attributes)
        .map(([key, value]) => `${key.replace('fusewire.', '')}=${String(value)}`)
        .join(' '),
      typeof value === 'number' ? value : (value as { count: number }).count,
    ]),
  );
}

let stop = () => {};
const start = (...sources: InstrumentOptions['sources']) => (stop = instrument({ api, sources }));

before(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.metrics.setGlobalMeterProvider(meters);
  api.trace.setGlobalTracerProvider(tracers);
});
afterEach(() => {
  stop();
  spanExporter.reset();
});
after(() => Promise.all([meters.shutdown(), tracers.shutdown()]));

describe('the metrics of instrument()', () => {
  it('have the calls by outcome, and the rejections and transitions by reason', async () => {
    const breaker = new CircuitBreaker({ name: 'payments', failureThreshold: 2 });
    start(breaker);
    await run(breaker, succeed, fail, fail, succeed);
    assert.deepEqual(await valuesOf('fusewire.breaker.calls', 'payments'), {
      'breaker.name=payments outcome=success': 1,
      'breaker.name=payments outcome=failure': 2,
    });
    assert.deepEqual(await valuesOf('fusewire.breaker.rejections', 'payments'), {
      'breaker.name=payments rejection.reason=open': 1,
    });
    assert.deepEqual(await valuesOf('fusewire.breaker.transitions', 'payments'), {
      'breaker.name=payments state.from=closed state.to=open transition.reason=failure-threshold': 1,
    });
    assert.deepEqual(await valuesOf('fusewire.breaker.state', 'payments'), {
      'breaker.name=payments state=closed': 0,
      'breaker.name=payments state=open': 1,
      'breaker.name=payments state=half_open': 0,
    });
    assert.deepEqual(await valuesOf('fusewire.breaker.call.duration', 'payments'), {
      'breaker.name=payments outcome=success': 1,
      'breaker.name=payments outcome=failure error.type=TypeError': 2,
    });
  });

  it('have no state of a breaker that has left its registry, and count one of several sources once', async () => {
    const breakers = new BreakerRegistry();
    start(breakers, breakers.for('shared'), pipeline({ name: 'all', breaker: breakers.for('shared') }));
    await run(breakers.for('shared'), succeed);
    const shared = { 'breaker.name=shared outcome=success': 1, 'breaker.name=shared outcome=failure': 0 };
    assert.deepEqual(await valuesOf('fusewire.breaker.calls', 'shared'), shared);
    breakers.for('leaving').forceOpen();
    assert.equal((await valuesOf('fusewire.breaker.state', 'leaving'))['breaker.name=leaving state=open'], 1);
    breakers.delete('leaving');
    assert.equal((await valuesOf('fusewire.breaker.state', 'leaving'))['breaker.name=leaving state=open'], 0);
  });

  it('have the actions of the policies in a pipeline', async () => {
    const guarded = pipeline({
      name: 'orders',
      retry: { attempts: 3, delay: 0, idempotent: true },
      fallback: () => 'none',
    });
    start(guarded);
    await guarded.execute(fail);
    assert.deepEqual(Object.values(await valuesOf('fusewire.policy.retries', 'orders')), [2]);
    const [fallback] = Object.keys(await valuesOf('fusewire.policy.fallbacks', 'orders'));
    assert.match(fallback as string, /^pipeline\.name=orders policy\.name=\S+ strategy=\S+$/);
  });

  it('end with the function that instrument() returns', async () => {
    const breaker = new CircuitBreaker({ name: 'ended' });
    start(breaker);
    stop();
    await run(breaker, succeed);
    for (const metric of ['calls', 'call.duration', 'state'])
      assert.deepEqual(await valuesOf(`fusewire.breaker.${metric}`, 'ended'), {});
  });
});

describe('the active span', () => {
  const inSpan = (work: () => Promise<unknown>) =>
    api.trace.getTracer('test').startActiveSpan('request', async (span) => {
      await work();
      span.end();
    });

  it('has the transition that its call causes, and the reason of a rejection; no other span exists', async () => {
    const breaker = new CircuitBreaker({ name: 'traced', failureThreshold: 1 });
    start(breaker);
    await inSpan(() => run(breaker, fail));
    await inSpan(() => run(breaker, succeed));
    const [opening, rejected, ...others] = spanExporter.getFinishedSpans();
    assert.deepEqual(
      opening?.events.map(({ name, attributes }) => [name, attributes?.['fusewire.state.to']]),
      [['fusewire.transition', 'open']],
    );
    assert.equal(rejected?.attributes['fusewire.rejection.reason'], 'open');
    assert.equal(rejected.attributes['fusewire.breaker.name'], 'traced');
    assert.deepEqual(others, []);
  });

  it('has nothing of a transition that another call causes', async () => {
    const breaker = new CircuitBreaker({ name: 'other', failureThreshold: 1 });
    start(breaker);
    let answer = () => {};
    const slow = inSpan(() => run(breaker, () => new Promise<void>((resolve) => (answer = resolve))));
    await inSpan(() => run(breaker, fail));
    answer();
    await slow;
    const events = spanExporter.getFinishedSpans().map((span) => span.events.length);
    assert.deepEqual(events, [1, 0]);
  });
});

describe('the options of instrument()', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['api', { sources: [] }],
    ['api', { api: {}, sources: [] }],
    ['sources', { api }],
    ['sources', { api, sources: [{}] }],
    ['durations', { api, sources: [], durations: 1 }],
    ['spans', { api, sources: [], spans: 'yes' }],
    ['meter', { api, sources: [], meter: {} }],
  ];
  for (const [index, [option, options]] of cases.entries()) {
    it(`name ${option} if it is refused: case ${index + 1}`, () => {
      const isItsError = (error: unknown) =>
        error instanceof OptionsError && error.problems.some((problem) => problem.option === option);
      assert.throws(() => instrument(options as InstrumentOptions), isItsError);
    });
  }
});
