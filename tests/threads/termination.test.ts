/** End of a thread: its probes, its calls in flight and its overrides of a shared breaker end with it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type CircuitBreaker, type CircuitBreakerOptions } from 'fusewire';
import { fail, open, startWorker, type RunningWorker } from './shared-breaker.ts';

const probing = { failureThreshold: 1, resetTimeout: 1, timeout: 600_000 } as const satisfies CircuitBreakerOptions;
const watched = {
  failureThreshold: 100,
  timeout: 600_000,
  inFlight: { limit: 2 },
} as const satisfies CircuitBreakerOptions;

/** Resolves when the circuit is half-open. */
async function halfOpen(breaker: CircuitBreaker): Promise<void> {
  await fail(breaker);
  while (breaker.state === 'OPEN') await setImmediate();
}

/** A promise, and the function that resolves it. */
function pending(): { promise: Promise<number>; resolve: (value: number) => void } {
  let resolve = (_: number): void => {};
  const promise = new Promise<number>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Ways in which a worker ends: the code that it runs, or nothing if it is terminated. */
const ends: [string, string | undefined][] = [
  ['is terminated', undefined],
  ['calls process.exit()', 'process.exit(0)'],
  ['throws', 'throw new Error("the end of the worker")'],
  ['runs out of memory', 'for (const all = []; ; ) all.push(new Array(100_000).fill(0))'],
];

async function ended({ worker }: RunningWorker, code: string | undefined): Promise<void> {
  if (code === undefined) return void (await worker.terminate());
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.on('error', () => {});
  worker.postMessage(0);
  await exit;
}

for (const [name, code] of ends) {
  describe(`a worker that ${name}`, () => {
    test('frees the slot of its probe', async () => {
      using breaker = open(`probe: ${name}`, probing);
      await halfOpen(breaker);
      const worker = await startWorker(breaker.name, 'return hang()', probing, code);
      assert.equal(worker.posted, 1);
      assert.equal((await breaker.tryExecute(() => 1)).status, 'rejected');
      assert.equal(breaker.explain().probesInFlight, 1);

      await ended(worker, code);
      assert.equal(breaker.state, 'HALF_OPEN');
      assert.equal(breaker.explain().probesInFlight, 0);
      assert.equal(breaker.getStats().totalIgnored, 1);
      assert.equal((await breaker.tryExecute(() => 1)).status, 'success');
    });

    test('releases its forceOpen(), and leaves that of others in place', async () => {
      using breaker = open(`forceOpen: ${name}`);
      const worker = await startWorker(breaker.name, 'breaker.forceOpen(); breaker.forceOpen()', undefined, code);
      const release = breaker.forceOpen();

      await ended(worker, code);
      assert.equal(breaker.override, 'FORCED_OPEN');
      release();
      assert.equal(breaker.override, 'NONE');
      assert.equal((await breaker.tryExecute(() => 1)).status, 'success');
    });

    test('ends its forceClosed() and its shadow()', async () => {
      for (const override of ['forceClosed', 'shadow']) {
        using breaker = open(`${override}: ${name}`);
        const worker = await startWorker(
          breaker.name,
          `breaker.${override}(); return breaker.override`,
          undefined,
          code,
        );
        assert.equal(breaker.override, worker.posted);

        await ended(worker, code);
        assert.equal(breaker.override, 'NONE', override);
      }
    });

    test('gives up the places of its calls under the limit of inFlight', async () => {
      using breaker = open(`inFlight: ${name}`, watched);
      const worker = await startWorker(breaker.name, 'return [hang(), hang(), hang()].join()', watched, code);
      assert.equal(worker.posted, '1,1,0');
      assert.equal((await breaker.tryExecute(() => 1)).status, 'rejected');

      await ended(worker, code);
      assert.equal(breaker.explain().unansweredCalls, 0);
      assert.equal((await breaker.tryExecute(() => 1)).status, 'success');
    });
  });
}

test('a worker that ends after another override began leaves that override in place', async () => {
  using breaker = open('an older hold');
  const { worker } = await startWorker(breaker.name, 'breaker.forceOpen()');
  breaker.releaseOverride();
  const release = breaker.forceOpen();
  await worker.terminate();
  assert.equal(breaker.override, 'FORCED_OPEN');
  release();
});

test('a worker that ends after the circuit moved on changes no state', async () => {
  using breaker = open('an older probe', probing);
  await halfOpen(breaker);
  const { worker } = await startWorker(breaker.name, 'return hang()', probing);
  breaker.reset();
  await halfOpen(breaker);
  const probe = pending();
  const call = breaker.tryExecute(() => probe.promise);
  const { generation } = breaker.explain();

  await worker.terminate();
  assert.equal(breaker.explain().probesInFlight, 1);
  assert.equal(breaker.explain().generation, generation);
  probe.resolve(1);
  assert.equal((await call).status, 'success');
});

test('a worker that ends frees only its own calls under the limit of inFlight', async () => {
  using breaker = open('own calls', watched);
  const { worker } = await startWorker(breaker.name, 'return hang()', watched);
  const answer = pending();
  const call = breaker.tryExecute(() => answer.promise);
  assert.equal(breaker.explain().unansweredCalls, 2);
  await worker.terminate();
  assert.equal(breaker.explain().unansweredCalls, 1);
  answer.resolve(1);
  await call;
});

describe('dispose()', () => {
  test('frees the slot of a probe for the other threads', async () => {
    using breaker = open('disposed probe', probing);
    await halfOpen(breaker);
    const other = open('disposed probe', probing);
    const answer = pending();
    const call = other.tryExecute(() => answer.promise);
    assert.equal(breaker.explain().probesInFlight, 1);
    other.dispose();
    assert.equal(breaker.explain().probesInFlight, 0);
    assert.equal((await breaker.tryExecute(() => 1)).status, 'success');
    answer.resolve(2);
    assert.equal((await call).status, 'success');
  });

  test('releases the overrides of this breaker, and no others', () => {
    using breaker = open('disposed hold');
    const [one, two] = [open('disposed hold'), open('disposed hold')];
    one.forceOpen();
    const release = two.forceOpen();
    one.dispose();
    assert.equal(breaker.override, 'FORCED_OPEN');
    release();
    assert.equal(breaker.override, 'NONE');
    two.forceClosed();
    two.dispose();
    assert.equal(breaker.override, 'NONE');
  });
});

test('an override outlives its breaker object, which is collected, until its thread ends', async () => {
  using breaker = open('collected');
  const code = `
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc');
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    (() => { const lost = open(); lost.forceOpen(); registry.register(lost, 0); })();
    while (collected === 0) { await new Promise(setImmediate); collect(); }
    await new Promise(setImmediate);
    return collected;`;
  const worker = await startWorker(breaker.name, code);
  assert.equal(worker.posted, 1);
  assert.equal(breaker.override, 'FORCED_OPEN');
  const exit = once(worker.worker, 'exit');
  await worker.worker.terminate();
  await exit;
  assert.equal(breaker.override, 'NONE');
});
