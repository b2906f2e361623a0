import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runScript } from './support.ts';

describe('a process with fallbacks', () => {
  it('gets no unhandled rejection from strategies, and one from a call that nobody awaits', () => {
    const { stdout, stderr, status } = runScript(
      `import { alternative, cache, CircuitBreaker, fallback, pipeline } from 'fusewire';
      const seen = [];
      process.on('unhandledRejection', (error) => seen.push(error.message));
      const down = () => Promise.reject(new Error('down'));
      const swallow = (promise) => promise.catch(() => undefined);
      const failing = { name: 'failing', execute: () => Promise.reject(new Error('refused')) };
      const breaker = new CircuitBreaker({ timeout: false });
      for (const policy of [
        fallback([failing]),
        pipeline([fallback([failing]), cache({ freshFor: 1000, key: () => 'key' })]),
        fallback([alternative('other', down, { through: breaker }), { ...failing, when: async () => { throw new Error('async'); } }]),
      ]) {
        await swallow(policy.execute(down));
        await swallow(policy.tryExecute(down));
        const controller = new AbortController();
        const aborted = policy.execute(() => new Promise((_, reject) => setTimeout(reject, 5, new Error('late'))), { signal: controller.signal });
        const other = policy.execute(down, { signal: controller.signal });
        controller.abort(new Error('aborted'));
        await Promise.all([swallow(aborted), swallow(other)]);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
      fallback([failing]).execute(down);
      cache({ freshFor: 1000, key: () => 'key' }).execute(down);
      fallback(() => 1).execute(down);
      await new Promise((resolve) => setTimeout(resolve, 5));
      console.log(seen.join(' '));`,
    );
    assert.deepEqual({ stdout, stderr, status }, { stdout: 'down down', stderr: '', status: 0 });
  });

  it('does not retain errors, keys and arguments of past calls', () => {
    const { stdout, stderr } = runScript(
      `import { cache, fallback, pipeline } from 'fusewire';
      const { signal } = new AbortController();
      const failing = { name: 'failing', execute: () => Promise.reject(new Error('refused')) };
      const policy = pipeline([fallback([failing]), cache({ freshFor: 0.001, maxEntries: 10 })]);
      const run = async (calls) => {
        for (let call = 0; call < calls; call++) {
          const options = { signal, key: String(call), args: [new Array(100).fill(call)] };
          await policy.execute(() => Promise.reject(new Error('down')), options).catch(() => undefined);
          await policy.execute(() => new Array(100).fill(call), options);
        }
        gc();
        return process.memoryUsage().heapUsed;
      };
      await run(2_000);
      const before = await run(2_000);
      const after = await run(20_000);
      console.log(after - before < 1_000_000 ? 'flat' : after - before);`,
      '--expose-gc',
    );
    assert.deepEqual({ stdout, stderr }, { stdout: 'flat', stderr: '' });
  });
});
