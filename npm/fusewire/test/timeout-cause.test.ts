/** Error of a timeout: its cause, and the stack of the call. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  bulkhead,
  cache,
  CircuitBreaker,
  hedge,
  BulkheadFullError,
  CallTimeoutError,
  pipeline,
  retry,
  timeout,
} from 'fusewire';
import type { PipelineLayer } from 'fusewire';
import { pass, rejection, thrown } from './support.ts';

interface Runner {
  execute(work: () => Promise<unknown>): Promise<unknown>;
}

const down = new Error('down');
const hangs = () => new Promise<never>(() => {});

/** Returns the error of a call that a timeout of 100 ms around the layers ends. */
async function timeoutError(layers: readonly PipelineLayer[], work: () => unknown): Promise<Error> {
  const failed = rejection(
    pipeline([timeout({ name: 'total', timeout: 100 }), ...layers], { checked: false }).execute(work),
  );
  await pass(110);
  const error = await failed;
  assert.ok(error instanceof CallTimeoutError);
  assert.equal(error.breaker, 'total');
  assert.equal(error.message, 'Policy total timeout after 100ms');
  return error;
}

describe('the cause of a timeout', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('is absent if the first attempt is running', async () => {
    for (const layers of [
      [],
      [retry()],
      [hedge({ delay: 10, idempotent: true })],
      [bulkhead({ limit: 1 })],
      [new CircuitBreaker()],
    ]) {
      assert.equal('cause' in (await timeoutError(layers, hangs)), false);
    }
  });

  it('is the error of the last attempt while a retry makes another one', async () => {
    for (const delay of [0, 20]) {
      let attempts = 0;
      const work = () => (++attempts === 1 ? Promise.reject(down) : hangs());
      assert.equal((await timeoutError([retry({ delay })], work)).cause, down);
      assert.equal(attempts, 2);
    }
  });

  it('is the wait for a slot of a bulkhead', async () => {
    const slots = bulkhead({ name: 'slots', limit: 1, queueSize: 1 });
    void slots.execute(hangs);
    const { cause } = await timeoutError([slots], hangs);
    assert.ok(cause instanceof BulkheadFullError);
    assert.match(cause.message, /^Policy slots: no slot became free in time \(\d+ running, \d+ waiting\)$/);
  });

  it('is the failure of a copy while a hedge waits for another', async () => {
    let copies = 0;
    const work = () => (++copies === 2 ? Promise.reject(down) : hangs());
    assert.equal((await timeoutError([hedge({ delay: 20, idempotent: true })], work)).cause, down);
  });

  it('is what the innermost policy waits for', async () => {
    const slots = bulkhead({ limit: 1, queueSize: 1 });
    let attempts = 0;
    const layers = [retry({ delay: 0 }), new CircuitBreaker(), slots];
    const work = () => {
      attempts++;
      void slots.execute(hangs);
      throw down;
    };
    // The work that takes the slot starts before the slot of this attempt is free, so that the next attempt waits.
    const { cause } = await timeoutError(layers, work);
    assert.equal(attempts, 1);
    assert.ok(cause instanceof BulkheadFullError);
  });

  it('is found through breakers, timeouts, hedges, pipelines and caches', async () => {
    const slots = bulkhead({ limit: 1, queueSize: 20 });
    void slots.execute(hangs);
    const around: readonly (readonly PipelineLayer[])[] = [
      [new CircuitBreaker()],
      [new CircuitBreaker({ timeout: false })],
      [timeout(5_000)],
      [hedge({ delay: 10_000, idempotent: true })],
      [retry()],
      [pipeline([retry(), new CircuitBreaker()])],
      [cache({ key: () => 'key' })],
    ];
    for (const layers of around) {
      assert.ok((await timeoutError([...layers, slots], hangs)).cause instanceof BulkheadFullError);
    }
  });

  it('belongs to the timeout of a breaker as well', async () => {
    let attempts = 0;
    const work = () => (++attempts === 1 ? Promise.reject(down) : hangs());
    const breaker = new CircuitBreaker({ timeout: 100 });
    const call = rejection(pipeline([breaker, retry({ delay: 0 })], { checked: false }).execute(work));
    await pass(110);
    const error = await call;
    assert.ok(error instanceof CallTimeoutError);
    assert.equal(error.cause, down);
  });
});

describe('the stack of a timeout', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  const runners: { readonly [name: string]: (rejectionStack?: boolean) => Runner } = {
    breaker: (rejectionStack?: boolean) => new CircuitBreaker({ name: 'slow', timeout: 100, rejectionStack }),
    timeout: (rejectionStack?: boolean) => timeout({ name: 'slow', timeout: 100, rejectionStack }),
    pipeline: (rejectionStack?: boolean) =>
      pipeline([
        retry({ attempts: 1 }),
        new CircuitBreaker({ name: 'slow', timeout: 100, rejectionStack }),
        bulkhead({ limit: 9 }),
      ]),
  };

  for (const [name, create] of Object.entries(runners)) {
    it(`of a ${name} shows the call with rejectionStack`, async () => {
      const callSite = () => rejection(create(true).execute(hangs));
      const call = callSite();
      await pass(110);
      const { stack, message } = (await call) as Error;
      assert.ok(stack?.startsWith(`CallTimeoutError: ${message}\n`) === true, stack);
      assert.match(stack ?? '', /\n\s+at callSite .*timeout-cause\.test/);
    });

    it(`of a ${name} is empty by default`, async () => {
      const call = rejection(create().execute(hangs));
      await pass(110);
      const { stack } = (await call) as Error;
      assert.doesNotMatch(stack ?? '', /\n/);
    });
  }

  it('shows the call as well if a retry ends before the timeout', async () => {
    const calls = pipeline([timeout({ timeout: 100, rejectionStack: true }), retry({ delay: 1_000 })]);
    const callSite = () => rejection(calls.execute(() => Promise.reject(down)));
    const error = (await callSite()) as Error;
    assert.equal(error.cause, down);
    assert.match(error.stack ?? '', /\n\s+at callSite .*timeout-cause\.test/);
  });

  it('needs a boolean in the option of a timeout policy', () => {
    assert.match(
      thrown(() => timeout({ timeout: 1, rejectionStack: 1 as never })).message,
      /rejectionStack must be true/,
    );
  });
});
