import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BreakerRegistry, bulkhead, CircuitBreaker, fallback, pipeline, retry } from 'fusewire';
import { memoryQueue } from 'fusewire/queue';
import { eventLog } from '@fusewire/operations/events';
import type { OperationsEvent } from '@fusewire/operations/events';
import { fail, kindsOf } from './event-kit.ts';

describe('watch', () => {
  test('records failures, the opening, rejections and the reset of a breaker', async () => {
    const log = eventLog({ instance: 'one' });
    const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 2, resetTimeout: 60_000 });
    log.watch(breaker);
    for (let call = 0; call < 5; call++) await fail(breaker, new Error('down'));
    breaker.reset();
    await log.flush();
    const { events } = await log.tail({ order: 'oldest' });
    assert.deepEqual(
      events.map(({ kind, severity, breaker: name, reason, count }) => [kind, severity, name, reason, count]),
      [
        ['failure', 'warning', 'mpesa', null, 1],
        ['failure', 'warning', 'mpesa', null, 1],
        ['state-change', 'error', 'mpesa', 'failure-threshold', 1],
        ['rejection', 'warning', 'mpesa', 'open', 1],
        ['state-change', 'info', 'mpesa', 'reset', 1],
        ['reset', 'info', 'mpesa', null, 1],
        ['rejection', 'warning', 'mpesa', 'open', 2],
      ],
    );
    const [failure, , opening] = events as [OperationsEvent, OperationsEvent, OperationsEvent];
    assert.match(failure.summary, /^mpesa: a call failed after \d+ ms: Error: down$/);
    assert.match((failure.details['error'] as { stack: string }).stack, /watch\.test\.ts/);
    assert.match(opening.summary, /mpesa: CLOSED to OPEN: 2 failures in 60 s/);
    assert.deepEqual([opening.details['from'], opening.details['to']], ['CLOSED', 'OPEN']);
    assert.ok(events.every(({ instance, id }) => instance === 'one' && id.length === 20));
    await log.close();
  });

  test('records a timeout once, although a failure follows it', async () => {
    const log = eventLog();
    const breaker = new CircuitBreaker({ name: 'slow', timeout: 1 });
    log.watch(breaker);
    await breaker.execute(() => new Promise(() => undefined)).catch(() => undefined);
    assert.deepEqual(await kindsOf(log), ['timeout']);
  });

  test('records what the policies of a pipeline do, and the events of its breaker once', async () => {
    const log = eventLog();
    const breaker = new CircuitBreaker({ name: 'orders', failureThreshold: 5 });
    const orders = pipeline({ breaker, retry: { attempts: 2, delay: 0 }, fallback: () => 'stored' });
    const removals = [log.watch(orders), log.watch(breaker), log.watch(orders)];
    const answer = await orders.execute(
      () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNRESET' })),
      { idempotent: true } as never,
    );
    assert.equal(answer, 'stored');
    const { events } = await log.tail({ order: 'oldest' });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['failure', 'retry', 'failure', 'fallback'],
    );
    assert.ok(events.every(({ breaker: name }) => name === 'orders'));
    assert.equal(events[1]?.policy, 'orders.retry');
    for (const remove of removals) remove();
    await fail(orders as never, new Error('down'));
    assert.equal((await log.tail()).events.length, 4);
  });

  test('records the breakers of a registry from their creation to their end', async () => {
    const log = eventLog();
    const registry = new BreakerRegistry();
    const early = registry.create('early');
    const stop = log.watch(registry);
    const late = registry.for('late');
    for (const breaker of [early, late]) await fail(breaker, new Error('down'));
    registry.delete('early');
    await fail(early, new Error('down'));
    late.dispose();
    assert.deepEqual(await kindsOf(log), [
      'breaker-created',
      'failure',
      'failure',
      'breaker-evicted',
      'breaker-evicted',
    ]);
    stop();
    registry.for('latest');
    assert.equal((await log.tail()).events.length, 5);
  });

  test('records what becomes of messages of a queue', async () => {
    const log = eventLog();
    const queue = memoryQueue();
    const consumer = queue.consume({ maxAttempts: 2, retryDelay: 0 }, () => Promise.reject(new Error('down')));
    log.watch(consumer, { breaker: 'mpesa' });
    const buried = new Promise((resolve) => consumer.once('buried', resolve));
    await queue.enqueue({ key: 'a', payload: 1 });
    await buried;
    await queue.close();
    const { events } = await log.tail({ order: 'oldest' });
    assert.deepEqual(
      events.map(({ kind, breaker, policy }) => [kind, breaker, policy]),
      [
        ['message-failed', 'mpesa', 'default'],
        ['dead-letter', 'mpesa', 'default'],
      ],
    );
  });

  test('records retries, copies and rejections of policies on their own', async () => {
    const log = eventLog();
    const policies = [retry({ attempts: 2, delay: 0 }), bulkhead({ limit: 1 }), fallback(() => 1)];
    for (const policy of policies) log.watch(policy as never, { breaker: 'orders' });
    const [again, limited, replaced] = policies as [
      ReturnType<typeof retry>,
      ReturnType<typeof bulkhead>,
      ReturnType<typeof fallback>,
    ];
    const failing = () => Promise.reject(new Error('down'));
    await again.execute(failing).catch(() => undefined);
    await replaced.execute(failing);
    await Promise.allSettled([
      limited.execute(() => new Promise((resolve) => setImmediate(resolve))),
      limited.execute(failing),
    ]);
    assert.deepEqual((await kindsOf(log)).sort(), ['fallback', 'rejection', 'retry']);
  });

  test('throws for anything without events', () => {
    const log = eventLog();
    for (const target of [undefined, null, 1, {}, { on: 1 }, new Map()]) {
      assert.throws(() => log.watch(target as never), TypeError);
    }
  });
});
