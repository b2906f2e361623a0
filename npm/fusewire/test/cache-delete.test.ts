import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cache } from 'fusewire';
import { deferred } from './support.ts';

describe('cache().delete()', () => {
  for (const coalesce of [true, false]) {
    describe(coalesce ? 'with joined calls' : 'without joined calls', () => {
      it('keeps the calls in flight with other keys', async () => {
        const policy = cache({ freshFor: 60_000, coalesce });
        const work = deferred<string>();
        const call = policy.execute(() => work.promise, { key: 'b' });
        policy.delete('a');
        work.resolve('stored');
        await call;
        const second = await policy.tryExecute(() => 'made again', { key: 'b' });
        assert.deepEqual(second, { status: 'success', value: 'stored', source: 'cache' });
      });

      it('discards the answer of a call that deletes its own key', async () => {
        const policy = cache({ freshFor: 60_000, coalesce });
        await policy.execute(
          () => {
            policy.delete('key');
            return 'outdated';
          },
          { key: 'key' },
        );
        assert.equal(policy.size, 0);
      });

      it('discards nothing of a later call', async () => {
        const policy = cache({ freshFor: 60_000, coalesce });
        const early = deferred<string>();
        const outdated = policy.execute(() => early.promise, { key: 'key' });
        policy.delete('key');
        assert.equal(await policy.execute(() => 'new', { key: 'key' }), 'new');
        early.resolve('outdated');
        assert.equal(await outdated, 'outdated');
        assert.equal(await policy.execute(() => 'made again', { key: 'key' }), 'new');
      });
    });
  }
});
