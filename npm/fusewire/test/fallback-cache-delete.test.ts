import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cached, fallback } from 'fusewire';
import { deferred } from './support.ts';

describe('cached().delete()', () => {
  for (const coalesce of [true, false]) {
    describe(coalesce ? 'with joined calls' : 'without joined calls', () => {
      it('keeps the calls in flight with other keys', async () => {
        const cache = cached({ ttl: 60_000, mode: 'cache-first', coalesce });
        const policy = fallback([cache]);
        const work = deferred<string>();
        const call = policy.execute(() => work.promise, { key: 'b' });
        cache.delete('a');
        work.resolve('stored');
        await call;
        const second = await policy.tryExecute(() => 'made again', { key: 'b' });
        assert.deepEqual(second, { status: 'success', value: 'stored', source: 'cache' });
      });

      it('discards the answer of a call that deletes its own key', async () => {
        const cache = cached({ ttl: 60_000, mode: 'cache-first', coalesce });
        const policy = fallback([cache]);
        await policy.execute(
          () => {
            cache.delete('key');
            return 'outdated';
          },
          { key: 'key' },
        );
        assert.equal(cache.size, 0);
      });

      it('discards nothing of a later call', async () => {
        const cache = cached({ ttl: 60_000, mode: 'cache-first', coalesce });
        const policy = fallback([cache]);
        const early = deferred<string>();
        const outdated = policy.execute(() => early.promise, { key: 'key' });
        cache.delete('key');
        assert.equal(await policy.execute(() => 'new', { key: 'key' }), 'new');
        early.resolve('outdated');
        assert.equal(await outdated, 'outdated');
        assert.equal(await policy.execute(() => 'made again', { key: 'key' }), 'new');
      });
    });
  }
});
