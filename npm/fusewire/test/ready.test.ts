import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { beforeEach, afterEach, it, mock } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import type { CircuitBreakerOptions } from 'fusewire';
import { deferred, onEachBackend, open, pass, record, rejection, runScript, turn } from './support.ts';

onEachBackend('ready()', (backend) => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  const create = (options: CircuitBreakerOptions = {}) =>
    new CircuitBreaker({
      name: 'mpesa',
      backend,
      failureThreshold: 1,
      successThreshold: 1,
      resetTimeout: 1_000,
      ...options,
    });

  /** Notes in a list which callers were released. */
  function waiters(breaker: CircuitBreaker, count: number): number[] {
    const released: number[] = [];
    for (let number = 0; number < count; number++) void breaker.ready().then(() => released.push(number));
    return released;
  }

  it('resolves at once while the circuit is closed, forced closed or in shadow mode', async () => {
    const breaker = create();
    await breaker.ready();
    breaker.forceClosed();
    await breaker.ready();
    breaker.shadow();
    await breaker.ready();
  });

  it('resolves at the end of the open time, without a call', async () => {
    const breaker = create();
    const seen = record(breaker, 'halfOpen');
    await open(breaker);
    const released = waiters(breaker, 1);
    await pass(995);
    assert.deepEqual([released, seen], [[], []]);
    await pass(5);
    assert.deepEqual([released, seen], [[0], ['halfOpen']]);
  });

  it('releases one caller for one probe, and the others when the circuit has closed', async () => {
    const breaker = create();
    await open(breaker);
    const answer = deferred();
    const released = waiters(breaker, 3);
    await pass(1_000);
    const call = breaker.execute(() => answer.promise);
    await pass(500);
    assert.deepEqual(released, [0]);
    answer.resolve(1);
    await call;
    await turn();
    assert.deepEqual(released, [0, 1, 2]);
  });

  it('releases the next caller if the one before makes no call', async () => {
    const breaker = create();
    await open(breaker);
    const released = waiters(breaker, 3);
    await pass(1_000);
    assert.deepEqual(released, [0]);
    await pass(20);
    assert.deepEqual(released, [0, 1]);
    await pass(20);
    assert.deepEqual(released, [0, 1, 2]);
  });

  it('releases the next caller when a probe was ignored, and waits for the next open time when it failed', async () => {
    const breaker = create();
    await open(breaker);
    const released = waiters(breaker, 3);
    await pass(1_000);
    const ignored = breaker.acquire();
    await pass(100);
    assert.deepEqual(released, [0]);
    ignored.ignore();
    await turn();
    assert.deepEqual(released, [0, 1]);
    breaker.acquire().fail(new Error('down'));
    await pass(995);
    assert.deepEqual(released, [0, 1]);
    await pass(5);
    assert.deepEqual(released, [0, 1, 2]);
  });

  it('releases callers one after the other while traffic comes back gradually', async () => {
    const breaker = create({ recovery: { ramp: 100 } });
    await open(breaker);
    await pass(1_000);
    await breaker.execute(() => 1);
    const released = waiters(breaker, 3);
    await turn();
    assert.deepEqual(released, [0]);
    await pass(100);
    assert.deepEqual(released, [0, 1, 2]);
  });

  it('resolves when a forced opening is released, and sets no timer before', async () => {
    const breaker = create();
    const release = breaker.forceOpen();
    const released = waiters(breaker, 2);
    await pass(100_000);
    assert.deepEqual(released, []);
    release();
    await turn();
    assert.deepEqual(released, [0, 1]);
  });

  it('rejects with the reason of the signal, and leaves no listener behind', async () => {
    const breaker = create();
    await open(breaker);
    const controller = new AbortController();
    const [left, other] = [breaker.ready({ signal: controller.signal }), waiters(breaker, 1)];
    controller.abort(new Error('gone'));
    assert.equal(await rejection(left), controller.signal.reason);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    await pass(1_000);
    assert.deepEqual(other, [0]);
    assert.equal(await rejection(breaker.ready({ signal: controller.signal })), controller.signal.reason);
  });

  it('rejects when the breaker is disposed, and afterwards', async () => {
    const breaker = create();
    await open(breaker);
    const waiting = breaker.ready();
    breaker.dispose();
    for (const promise of [waiting, breaker.ready()]) {
      assert.equal(((await rejection(promise)) as Error).name, 'BreakerDisposedError');
    }
  });

  it('rejects with a TypeError for options that are not valid', async () => {
    assert.ok((await rejection(create().ready({ signal: 1 as never }))) instanceof TypeError);
  });

  it('resolves when the breaker is reset', async () => {
    const breaker = create();
    await open(breaker);
    const waiting = breaker.ready();
    breaker.reset();
    await waiting;
  });
});

it('ready() keeps the process alive until the end of the open time, but not while an operator holds the circuit open', () => {
  const script = (wait: string) => `
    import { CircuitBreaker } from 'fusewire';
    const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeout: 50 });
    ${wait}
    void breaker.ready().then(() => console.log('ready'));`;
  const open = "breaker.acquire().fail(new Error('down'));";
  assert.equal(runScript(script(open)).stdout, 'ready');
  const { status, stdout } = runScript(script('breaker.forceOpen();'));
  assert.deepEqual([status, stdout], [0, '']);
});
