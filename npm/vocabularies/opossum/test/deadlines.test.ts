// Timeouts under real timers: all calls of a breaker share one timer. No test depends on when a timer fires.

import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';

const forever = (): Promise<never> => new Promise(() => {});

describe('the timeout of a CircuitBreaker', () => {
  it('rejects the calls that hang, in the order of their starts, and no other', async () => {
    const act = (work: string): Promise<string> => (work === 'ends' ? Promise.resolve(work) : forever());
    const breaker = new CircuitBreaker(act, { timeout: 5, errorThresholdPercentage: 100 });
    const timedOut: unknown[] = [];
    breaker.on('timeout', (_error, _latency, [work]) => timedOut.push(work));
    const works = ['first', 'ends', 'second', 'third', 'ends'];
    const settled = await Promise.allSettled(works.map((work) => breaker.fire(work)));
    assert.deepEqual(
      settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code)),
      ['ETIMEDOUT', 'ends', 'ETIMEDOUT', 'ETIMEDOUT', 'ends'],
    );
    assert.deepEqual(timedOut, ['first', 'second', 'third']);
    breaker.shutdown();
  });

  it('rejects a call that begins while another times out', async () => {
    const abortController = new AbortController();
    const breaker = new CircuitBreaker(forever, { timeout: 5, errorThresholdPercentage: 100, abortController });
    const second = new Promise((resolve) => {
      abortController.signal.addEventListener('abort', () => resolve(breaker.fire()));
    });
    await assert.rejects(breaker.fire(), { code: 'ETIMEDOUT' });
    await assert.rejects(second, { code: 'ETIMEDOUT' });
    breaker.shutdown();
  });

  it('rejects a call that begins while the timer of an earlier one still runs', async () => {
    let hangs = false;
    const breaker = new CircuitBreaker(() => (hangs ? forever() : Promise.resolve('ended')), { timeout: 5 });
    assert.equal(await breaker.fire(), 'ended');
    hangs = true;
    await assert.rejects(breaker.fire(), { code: 'ETIMEDOUT' });
    breaker.shutdown();
  });

  it('rejects calls that began before and after a change, each after its own time', async () => {
    const breaker = new CircuitBreaker(forever, { timeout: 5, errorThresholdPercentage: 100 });
    const messages: unknown[] = [];
    const calls = [5, 8, 11].map((timeout) => {
      breaker.options.timeout = timeout;
      return breaker.fire().catch((error: Error) => messages.push(error.message));
    });
    await Promise.all(calls);
    assert.deepEqual(messages, ['Timed out after 5ms', 'Timed out after 8ms', 'Timed out after 11ms']);
    breaker.shutdown();
  });

  it('keeps no timer of a timeout that has been changed', async () => {
    const timers = new Set<number>();
    const hook = createHook({
      init: (id, type) => void (type === 'Timeout' && timers.add(id)),
      destroy: (id) => void timers.delete(id),
    }).enable();
    const breaker = new CircuitBreaker(async () => 'ended', { rotateBucketController: new EventEmitter() });
    for (let timeout = 1_000_000; timeout < 1_000_010; timeout++) {
      breaker.options.timeout = timeout;
      await breaker.fire();
    }
    // Node reports ended timers in a later turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    hook.disable();
    assert.equal(timers.size, 1);
    breaker.shutdown();
  });

  it('keeps the process alive during a call, and no longer', () => {
    const run = (program: string): string =>
      execFileSync(
        process.execPath,
        ['--input-type=module', '-e', `import CircuitBreaker from '@fusewire/opossum';${program}`],
        {
          cwd: import.meta.dirname,
          encoding: 'utf8',
          timeout: 120_000,
        },
      );
    assert.equal(
      run(`console.log(await new CircuitBreaker(async () => 'ended', { timeout: 2 ** 31 - 1 }).fire())`),
      'ended\n',
    );
    const hangs = `new CircuitBreaker(() => new Promise(() => {}), { timeout: 20 }).fire()`;
    assert.equal(run(`${hangs}.catch(({ code }) => console.log(code))`), 'ETIMEDOUT\n');
  });
});
