// Other packages that use a breaker as opossum's: they listen to all its events, and read its status.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import { advance, useFakeTime } from './fake-time.ts';

useFakeTime();

/** Counter of all events of some breakers, like an exporter of metrics. */
class Metrics {
  readonly counts = new Map<string, number>();
  readonly latencies: number[] = [];

  add(circuits: readonly CircuitBreaker<never[], unknown>[]): void {
    for (const circuit of circuits) {
      for (const event of circuit.eventNames() as string[]) {
        circuit.on(
          event as never,
          (() => {
            const key = `${circuit.name} ${event}`;
            this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
          }) as never,
        );
        if (event === 'success' || event === 'failure') {
          circuit.on(event as never, ((_result: unknown, latency: number) => this.latencies.push(latency)) as never);
        }
      }
    }
  }
}

describe('CircuitBreaker', () => {
  it('emits every event to an exporter of metrics', async () => {
    const breaker = new CircuitBreaker(
      async (fails: boolean) => {
        if (fails) throw new Error('failed');
      },
      { name: 'stock' },
    );
    const metrics = new Metrics();
    metrics.add([breaker as never]);
    await breaker.fire(false);
    for (let call = 0; call < 3; call++) await breaker.fire(true).catch(() => undefined);
    breaker.close();
    assert.deepEqual(Object.fromEntries(metrics.counts), {
      'stock fire': 4,
      'stock success': 1,
      'stock failure': 2,
      'stock open': 1,
      'stock reject': 1,
      'stock close': 1,
    });
    assert.deepEqual(metrics.latencies, [0, 0, 0]);
  });

  it('emits snapshots to a stream of several breakers', async () => {
    const breakers = ['a', 'b'].map((name) => new CircuitBreaker(async () => name, { name, group: 'shop' }));
    const sent: unknown[] = [];
    for (const { name, group, status } of breakers) {
      status.on('snapshot', ({ fires, latencyMean, percentiles }) => {
        sent.push({ name, group, fires, latencyMean, median: percentiles[0.5] });
      });
    }
    await breakers[0]?.fire();
    await advance(1_000);
    assert.deepEqual(sent, [
      { name: 'a', group: 'shop', fires: 1, latencyMean: 0, median: 0 },
      { name: 'b', group: 'shop', fires: 0, latencyMean: 0, median: 0 },
    ]);
    for (const breaker of breakers) breaker.shutdown();
  });
});
