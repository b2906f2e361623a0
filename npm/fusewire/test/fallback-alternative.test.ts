import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { alternative, fallback, CallTimeoutError, CircuitOpenError, pipeline, timeout } from 'fusewire';
import { fallbackErrorsOf } from 'fusewire/errors';
import { deferred, quickBreaker, rejection, turn } from './support.ts';
import { degraded, down, fails } from './support-fallback.ts';

describe('alternative()', () => {
  it('receives the arguments of the call', async () => {
    const policy = fallback([alternative('ecb', ({ args }) => `rate of ${args[0]}`)]);
    assert.deepEqual(await policy.tryExecute(fails, { args: ['EUR'] }), {
      status: 'success',
      value: 'rate of EUR',
      source: 'fallback:ecb',
    });
  });

  it('runs through its own breaker', async () => {
    const { breaker } = quickBreaker('wasm', { name: 'ecb' });
    const policy = fallback([alternative('ecb', fails, { through: breaker }), degraded('less')]);
    for (let call = 0; call < 3; call++) assert.equal(await policy.execute(fails), 'less');
    assert.equal(breaker.state, 'OPEN');
    const { totalFailures, totalRejected } = breaker.getStats();
    assert.deepEqual({ totalFailures, totalRejected }, { totalFailures: 2, totalRejected: 1 });
    const only = fallback([alternative('ecb', fails, { through: breaker })]);
    assert.equal(await rejection(only.execute(fails)), down);
    assert.ok(fallbackErrorsOf(down)[0]?.error instanceof CircuitOpenError);
  });

  it('runs through its own policies and receives their signal', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    try {
      for (const through of [timeout(20), pipeline([timeout(100), timeout(20)])]) {
        let signal: AbortSignal | undefined;
        const hangs = alternative('ecb', (context) => ((signal = context.signal), deferred().promise), { through });
        const call = fallback([hangs, degraded('less')]).execute(fails);
        await turn();
        mock.timers.tick(20);
        assert.equal(await call, 'less');
        assert.ok(signal?.reason instanceof CallTimeoutError);
      }
    } finally {
      mock.timers.reset();
    }
  });

  it('is aborted with the call', async () => {
    const { breaker } = quickBreaker('wasm');
    let signal: AbortSignal | undefined;
    const hangs = alternative('ecb', (context) => ((signal = context.signal), deferred().promise), {
      through: breaker,
    });
    const controller = new AbortController();
    const call = fallback([hangs]).execute(fails, { signal: controller.signal });
    await turn();
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    assert.equal(signal?.reason, 'changed my mind');
    assert.equal(breaker.getStats().totalIgnored, 1);
    assert.equal(breaker.getStats().inFlight, 0);
  });
});
