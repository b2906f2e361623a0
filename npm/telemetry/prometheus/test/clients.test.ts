import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError } from 'fusewire';
import * as prometheusIo from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { prometheus } from '@fusewire/prometheus';
import type { PrometheusOptions } from '@fusewire/prometheus';
import { fail, openingBreaker, run, seriesIn, succeed } from './readings.ts';

// The types of the two clients differ in details that matter to neither; those of one stand for both.
const clients = { '@prometheus-io/client': prometheusIo as unknown as typeof promClient, 'prom-client': promClient };

for (const [name, client] of Object.entries(clients)) {
  describe(`prometheus() with ${name}`, () => {
    it('has the same series in the registry as in its own text', async () => {
      const registry = new client.Registry();
      const breaker = openingBreaker();
      const metrics = prometheus({ sources: [breaker], registry });
      await run(breaker, succeed, fail, fail, succeed);
      breaker.forceClosed();
      const [theirs, ours] = [seriesIn(await registry.metrics()), seriesIn(metrics.text())];
      // Sums of seconds have fewer digits in the text.
      const close = [...ours].map(([series, value]) => [series, Math.abs((theirs.get(series) ?? NaN) - value) < 1e-6]);
      assert.deepEqual(
        close.filter(([, isClose]) => !isClose),
        [],
      );
      assert.equal(theirs.size, ours.size);
    });

    it('has counters with one ending in a registry of OpenMetrics', async () => {
      const registry = new client.Registry<promClient.OpenMetricsContentType>();
      registry.setContentType(client.openMetricsContentType);
      const breaker = openingBreaker();
      prometheus({ sources: [breaker], registry });
      await run(breaker, succeed);
      const text = await registry.metrics();
      assert.match(text, /^fusewire_calls_total\{/m);
      assert.doesNotMatch(text, /total_total/);
      assert.deepEqual(await registry.metrics(), text);
    });

    it('has present values at every scrape, and survives a reset of the registry', async () => {
      const registry = new client.Registry();
      const breaker = openingBreaker();
      prometheus({ sources: [breaker], registry });
      await registry.metrics();
      await run(breaker, succeed);
      registry.resetMetrics();
      const series = seriesIn(await registry.metrics());
      assert.equal(series.get('fusewire_calls_total{breaker="payments",outcome="success"}'), 1);
    });

    it('leaves the metrics of others, and removes its own with close()', async () => {
      const registry = new client.Registry();
      new client.Counter({ name: 'own_total', help: 'A metric of the user.', registers: [registry] }).inc();
      const metrics = prometheus({ sources: [openingBreaker()], registry });
      metrics.close();
      const text = await registry.metrics();
      assert.match(text, /own_total 1/);
      assert.doesNotMatch(text, /fusewire/);
    });

    it('throws if the registry has such metrics already, and leaves those as they are', async () => {
      const registry = new client.Registry();
      prometheus({ sources: [openingBreaker('first')], registry });
      assert.throws(() => prometheus({ registry }), /already been registered/);
      assert.match(await registry.metrics(), /breaker="first"/);
    });

    it('takes the default registry of the module', async () => {
      const metrics = prometheus({ sources: [openingBreaker()], client });
      assert.match(await client.register.metrics(), /fusewire_breaker_state/);
      metrics.close();
    });

    it('adds up the workers of a cluster', async () => {
      const workers = await Promise.all(
        [1, 2].map(async () => {
          const registry = new client.Registry();
          const breaker = openingBreaker();
          prometheus({ sources: [breaker], registry });
          await run(breaker, succeed);
          return registry.getMetricsAsJSON();
        }),
      );
      const series = seriesIn(await client.AggregatorRegistry.aggregate(workers).metrics());
      assert.equal(series.get('fusewire_calls_total{breaker="payments",outcome="success"}'), 2);
      assert.equal(series.get('fusewire_call_duration_seconds_count{breaker="payments"}'), 2);
    });
  });
}

describe('the options of prometheus()', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['sources', 'a list of something else', { sources: [{}] }],
    ['sources', 'text', { sources: 'payments' }],
    ['registry', 'an empty object', { registry: {} }],
    ['client', 'an empty object', { client: {} }],
    ['client', 'a client besides a registry', { client: promClient, registry: promClient.register }],
    ['names', 'an unknown vocabulary', { names: 'opossum' }],
    ['buckets', 'an empty list', { buckets: [] }],
    ['buckets', 'equal bounds', { buckets: [1, 1] }],
    ['buckets', 'a bound of 0', { buckets: [0] }],
    ['buckets', 'an infinite bound', { buckets: [Infinity] }],
    ['buckets', 'true', { buckets: true }],
    ['maxBreakers', '0', { maxBreakers: 0 }],
    ['exemplar', 'an object', { exemplar: {} }],
    ['register', 'an unknown option', { register: promClient.register }],
    ['options', 'null', null],
  ];
  for (const [option, what, options] of cases) {
    it(`name ${option} if it is refused: ${what}`, () => {
      const isItsError = (error: unknown) =>
        error instanceof OptionsError && error.problems.some((problem) => problem.option === option);
      assert.throws(() => prometheus(options as PrometheusOptions), isItsError);
    });
  }

  it('measure no durations with buckets false', async () => {
    const breaker = openingBreaker();
    const metrics = prometheus({ sources: [breaker], buckets: false });
    await run(breaker, succeed);
    assert.doesNotMatch(metrics.text(), /duration_seconds_count/);
    assert.match(metrics.text(), /outcome="success"\} 1/);
  });

  it('let watch() refuse what is no source', () => {
    assert.throws(() => prometheus().watch({ name: 'secret' } as never), {
      name: 'TypeError',
      message: 'Metrics: watch() takes a registry, a breaker or a pipeline',
    });
  });
});
