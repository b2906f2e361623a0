import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { describe, it, mock } from 'node:test';
import { BreakerRegistry, bulkhead, CircuitBreaker, pipeline, retry } from 'fusewire';
import { prometheus } from '@fusewire/prometheus';
import { fail, openingBreaker, run, seriesIn, succeed } from './readings.ts';
import { findPromtool, PROMTOOL_ADVICE } from '../../../../.ci/lib/servers.mjs';

describe('the text of prometheus()', () => {
  it('has the calls by outcome, the states one-hot, the transitions by reason and the rejections', async () => {
    const breaker = openingBreaker();
    const metrics = prometheus({ sources: [breaker] });
    await run(breaker, succeed, fail, fail, succeed);
    const series = seriesIn(metrics.text());
    assert.equal(series.get('fusewire_calls_total{breaker="payments",outcome="success"}'), 1);
    assert.equal(series.get('fusewire_calls_total{breaker="payments",outcome="failure"}'), 2);
    assert.equal(series.get('fusewire_calls_total{breaker="payments",outcome="rejected_open"}'), 1);
    assert.equal(series.get('fusewire_breaker_state{breaker="payments",state="open"}'), 1);
    assert.equal(series.get('fusewire_breaker_state{breaker="payments",state="closed"}'), 0);
    assert.equal(series.get('fusewire_breaker_state{breaker="payments",state="half_open"}'), 0);
    const opening = 'from="closed",to="open",reason="failure-threshold"';
    assert.equal(series.get(`fusewire_transitions_total{breaker="payments",${opening}}`), 1);
    assert.equal(series.get('fusewire_call_duration_seconds_count{breaker="payments"}'), 3);
    metrics.close();
  });

  it('has the state of a closed breaker that was never called', () => {
    const metrics = prometheus({ sources: [new CircuitBreaker({ name: 'idle' })] });
    assert.equal(seriesIn(metrics.text()).get('fusewire_breaker_state{breaker="idle",state="closed"}'), 1);
  });

  it('counts timeouts apart from failures, and each call once', async () => {
    const breaker = new CircuitBreaker({ name: 'slow', timeout: 1, failureThreshold: 9 });
    const metrics = prometheus({ sources: [breaker] });
    await run(breaker, () => new Promise(() => {}), fail);
    const series = seriesIn(metrics.text());
    assert.equal(series.get('fusewire_calls_total{breaker="slow",outcome="timeout"}'), 1);
    assert.equal(series.get('fusewire_calls_total{breaker="slow",outcome="failure"}'), 1);
  });

  it('counts calls in the first bucket that holds them, and in each above', async () => {
    let now = 0;
    const breaker = new CircuitBreaker({ name: 'timed', timeout: false, clock: () => now });
    const metrics = prometheus({ sources: [breaker], buckets: [0.01, 1] });
    for (const seconds of [0.004, 0.01, 0.2, 30]) {
      await breaker.execute(() => {
        now += seconds * 1_000;
        return Promise.resolve();
      });
    }
    const series = seriesIn(metrics.text());
    const bucket = (le: string) => series.get(`fusewire_call_duration_seconds_bucket{breaker="timed",le="${le}"}`);
    assert.deepEqual([bucket('0.01'), bucket('1'), bucket('+Inf')], [2, 3, 4]);
    assert.equal(series.get('fusewire_call_duration_seconds_sum{breaker="timed"}'), 30.214);
  });

  it('adds up the time with an open circuit, also of the opening that lasts', (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const breaker = new CircuitBreaker({ name: 'open' });
    const metrics = prometheus({ sources: [breaker] });
    const seconds = () => Math.round(seriesIn(metrics.text()).get('fusewire_open_seconds_total{breaker="open"}') ?? -1);
    breaker.forceOpen();
    test.mock.timers.tick(5_000);
    assert.equal(seconds(), 5);
    breaker.releaseOverride();
    test.mock.timers.tick(60_000);
    assert.equal(seconds(), 5);
    breaker.forceOpen();
    test.mock.timers.setTime(0);
    assert.equal(seconds(), 5, 'a clock that is set back takes nothing away');
  });

  it('escapes names', () => {
    const metrics = prometheus({ sources: [new CircuitBreaker({ name: 'a "b"\\c\nd' })] });
    assert.match(metrics.text(), /\{breaker="a \\"b\\"\\\\c\\nd",state="open"\} 0\n/);
  });

  it('has the actions of the policies in a pipeline', async () => {
    const guarded = pipeline({
      name: 'orders',
      retry: { attempts: 3, delay: 0, idempotent: true },
      breaker: { name: 'orders-api', failureThreshold: 9 },
      fallback: () => 'none',
    });
    const metrics = prometheus({ sources: [guarded] });
    await guarded.execute(fail);
    const text = metrics.text();
    assert.match(text, /fusewire_retry_attempts_total\{pipeline="orders",policy="[^"]+"\} 2\n/);
    assert.match(text, /fusewire_fallback_answers_total\{pipeline="orders",policy="[^"]+",strategy="[^"]+"\} 1\n/);
    assert.match(text, /fusewire_calls_total\{breaker="orders-api",outcome="failure"\} 3\n/);
  });

  it('has one series for policies of the same names in two pipelines', async () => {
    const both = [1, 2].map(() => pipeline({ name: 'twice', bulkhead: { limit: 1, queueSize: 0 } }));
    const metrics = prometheus({ sources: both });
    for (const guarded of both) {
      const first = guarded.execute(succeed);
      await run(guarded, succeed);
      await first;
    }
    const rejections = metrics.text().match(/^fusewire_policy_rejections_total\{.*$/gm);
    assert.equal(rejections?.length, 1);
    assert.match(rejections[0] as string, / 2$/);
  });

  it('adds up breakers that share a name', async () => {
    const both = [1, 2].map(() => new CircuitBreaker({ name: 'same' }));
    const metrics = prometheus({ sources: both });
    for (const breaker of both) await run(breaker, succeed);
    const series = seriesIn(metrics.text());
    assert.equal(series.get('fusewire_calls_total{breaker="same",outcome="success"}'), 2);
    assert.equal(series.get('fusewire_breaker_state{breaker="same",state="closed"}'), 2);
  });

  it('is at most 1 MB long for 1000 breakers', async () => {
    const breakers = new BreakerRegistry();
    const metrics = prometheus({ sources: [breakers] });
    for (let index = 0; index < 1_000; index++) await run(breakers.for(`service-${index}`), succeed, fail);
    assert.ok(metrics.text().length <= 1_000_000, `${metrics.text().length} characters`);
  });

  for (const names of ['fusewire', 'resilience4j'] as const) {
    it(`with the names of ${names} is accepted by promtool`, async () => {
      const promtool = findPromtool();
      assert.ok(promtool, PROMTOOL_ADVICE);
      const guarded = pipeline([retry({ attempts: 2, delay: 0 }), bulkhead({ limit: 1 }), openingBreaker()]);
      const metrics = prometheus({ sources: [guarded], names });
      await run(guarded, succeed, fail, succeed);
      const output = execFileSync(promtool, ['check', 'metrics'], { input: metrics.text(), encoding: 'utf8' });
      assert.equal(output, '');
    });
  }
});

describe('prometheus() with a registry of breakers', () => {
  it('has the breakers that exist and those that come, and drops those that leave', () => {
    const breakers = new BreakerRegistry();
    breakers.for('first');
    const metrics = prometheus({ sources: [breakers] });
    breakers.for('second');
    assert.match(metrics.text(), /"first"[\s\S]*"second"/);
    breakers.delete('first');
    breakers.get('second')?.[Symbol.dispose]();
    assert.doesNotMatch(metrics.text(), /"first"|"second"/);
  });

  it('drops a breaker by itself once it is disposed', () => {
    const breaker = new CircuitBreaker({ name: 'alone' });
    const metrics = prometheus({ sources: [breaker] });
    breaker[Symbol.dispose]();
    assert.doesNotMatch(metrics.text(), /alone/);
  });

  it('keeps a breaker that one of two sources takes out', () => {
    const breakers = new BreakerRegistry();
    const metrics = prometheus({ sources: [breakers] });
    const stop = metrics.watch(breakers.for('shared'));
    stop();
    stop();
    assert.match(metrics.text(), /shared/);
    breakers.delete('shared');
    assert.doesNotMatch(metrics.text(), /shared/);
  });

  it('gives the label other to breakers beyond the limit, and its counters never decrease', async () => {
    const breakers = new BreakerRegistry();
    const metrics = prometheus({ sources: [breakers], maxBreakers: 2 });
    for (const name of ['a', 'b', 'c', 'd']) await run(breakers.for(name), succeed);
    const successes = (name: string) =>
      seriesIn(metrics.text()).get(`fusewire_calls_total{breaker="${name}",outcome="success"}`);
    assert.deepEqual(['a', 'b', 'c', 'd', 'other'].map(successes), [1, 1, undefined, undefined, 2]);
    breakers.delete('c');
    breakers.delete('d');
    assert.equal(successes('other'), 2);
    breakers.delete('a');
    await run(breakers.for('e'), succeed);
    assert.deepEqual(['b', 'e', 'other'].map(successes), [1, 1, 2]);
  });

  it('leaves no listener after close()', async () => {
    const breakers = new BreakerRegistry();
    const metrics = prometheus({ sources: [breakers] });
    await run(breakers.for('closing'), succeed);
    metrics.close();
    await run(breakers.for('closing'), succeed);
    breakers.for('later');
    assert.doesNotMatch(metrics.text(), /closing|later/);
  });
});

describe('the names of resilience4j', () => {
  it('have its states, kinds and rates', async () => {
    const breaker = openingBreaker();
    const metrics = prometheus({ sources: [breaker], names: 'resilience4j' });
    const read = (series: string) => seriesIn(metrics.text()).get(`resilience4j_circuitbreaker_${series}`);
    assert.equal(read('failure_rate{name="payments"}'), -1);
    await run(breaker, succeed, fail);
    assert.equal(read('failure_rate{name="payments"}'), 50);
    await run(breaker, fail, fail);
    assert.equal(read('state{name="payments",state="open"}'), 1);
    assert.equal(read('calls_seconds_count{name="payments",kind="failed"}'), 2);
    assert.equal(read('calls_seconds_count{name="payments",kind="successful"}'), 1);
    assert.equal(read('not_permitted_calls_total{name="payments",kind="not_permitted"}'), 1);
    breaker.forceOpen();
    assert.equal(read('state{name="payments",state="forced_open"}'), 1);
    assert.equal(read('state{name="payments",state="open"}'), 0);
  });
});

describe('OpenMetrics', () => {
  it('has exemplars with the labels of the call itself', async () => {
    const traces = new AsyncLocalStorage<string>();
    const breaker = new CircuitBreaker({ name: 'traced' });
    const exemplar = () => {
      const trace = traces.getStore();
      return trace === undefined ? undefined : { trace_id: trace };
    };
    const metrics = prometheus({ sources: [breaker], exemplar });
    await traces.run('abc123', () => breaker.execute(succeed));
    await breaker.execute(succeed);
    const text = metrics.text('openmetrics');
    assert.match(text, /_bucket\{breaker="traced",le="0.01"\} 2 # \{trace_id="abc123"\} [\d.e-]+ \d+\.\d{3}\n/);
    assert.ok(text.endsWith('# EOF\n'));
    assert.doesNotMatch(metrics.text(), /abc123/);
  });

  it('counts a call although its exemplar throws', async () => {
    const warnings = mock.method(process, 'emitWarning', () => undefined);
    const breaker = new CircuitBreaker({ name: 'faulty' });
    const metrics = prometheus({
      sources: [breaker],
      exemplar: () => {
        throw new Error('no trace');
      },
    });
    assert.equal(await breaker.execute(succeed), 'done');
    assert.equal(seriesIn(metrics.text()).get('fusewire_call_duration_seconds_count{breaker="faulty"}'), 1);
    assert.equal(breaker.getStats().listenerErrors, 1);
    warnings.mock.restore();
  });

  it('is what a scraper gets that asks for it', async () => {
    const metrics = prometheus();
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2';
    const response = metrics.respond(new Request('http://localhost/metrics', { headers: { accept } }));
    assert.match(response.headers.get('content-type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(metrics.respond().headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.ok((await response.text()).endsWith('# EOF\n'));
  });
});
