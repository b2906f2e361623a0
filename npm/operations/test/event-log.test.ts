import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, test } from 'node:test';
import { CircuitBreaker, pipeline } from 'fusewire';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';
import type { EventSink, OperationsEvent } from '@fusewire/operations/events';
import { plantedSecrets } from './secrets.ts';
import { fail, kindsOf } from './event-kit.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('record', () => {
  test('never throws, and completes whatever it gets', async () => {
    const log = eventLog({ logger: silent });
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    const strange = [
      undefined,
      null,
      1,
      hostile,
      {},
      { kind: '' },
      { kind: 1, severity: 'x', time: NaN, count: -1, details: hostile },
      { kind: 'a\0b', summary: '\uD800', details: { 'a\0': '\uD800', deep: [{ b: '\0' }] }, breaker: 'x'.repeat(1e5) },
      {
        kind: 'large',
        details: { list: Array.from({ length: 1e5 }, () => 'word '.repeat(100)), data: { big: 'x '.repeat(1e5) } },
      },
    ];
    for (const event of strange) log.record(event as never);
    const { events } = await log.tail();
    const { accepted, dropped } = log.getStats();
    assert.equal(accepted + dropped, strange.length);
    for (const event of events) {
      const text = JSON.stringify(event);
      assert.ok(text.length < 40_000, `${text.length}`);
      assert.ok(!/\\u0000|\\ud800/.test(text));
    }
  });

  test('sorts events of one process in the order in which they were recorded, also if the clock is set back', async (t) => {
    const log = eventLog();
    const now = t.mock.method(Date, 'now', () => 1_000_000);
    for (let index = 0; index < 50; index++) {
      now.mock.mockImplementation(() => 1_000_000 - index * 1_000);
      log.record({ kind: 'x', details: { index } });
    }
    const { events } = await log.tail({ order: 'oldest' });
    assert.deepEqual(
      events.map(({ details }) => details['index']),
      Array.from({ length: 50 }, (_, index) => index),
    );
    assert.equal(events[1]?.time, 999_000);
  });

  test('keeps who changed what, and why', async () => {
    const log = eventLog();
    log.record({
      kind: 'administration',
      actor: 'ann',
      reason: 'maintenance',
      breaker: 'mpesa',
      details: { action: 'force-open', ttl: 60_000 },
    });
    const { events } = await log.tail({ actor: 'ann' });
    assert.deepEqual(
      [events[0]?.actor, events[0]?.reason, events[0]?.details],
      ['ann', 'maintenance', { action: 'force-open', ttl: 60_000 }],
    );
  });
});

describe('tail and follow', () => {
  test('pages through all events in both orders', async () => {
    const log = eventLog({ batchSize: 7 });
    for (let index = 0; index < 95; index++) log.record({ kind: `kind-${index % 5}`, details: { index } });
    for (const order of ['oldest', 'newest'] as const) {
      const seen: unknown[] = [];
      for (let cursor: string | null = null; ;) {
        const page = await log.tail({ order, limit: 10, cursor });
        seen.push(...page.events.map(({ details }) => details['index']));
        cursor = page.cursor;
        if (cursor === null) break;
      }
      const all = Array.from({ length: 95 }, (_, index) => index);
      assert.deepEqual(seen, order === 'oldest' ? all : all.reverse());
    }
    assert.equal((await log.tail({ kind: ['kind-1', 'kind-2'] })).events.length, 38);
    assert.equal((await log.tail({ kind: 'kind-*', since: 0, until: 1 })).events.length, 0);
    await assert.rejects(log.tail({ limit: 0 }), RangeError);
    await assert.rejects(log.tail({ breaker: 1 as never }), TypeError);
    await assert.rejects(log.tail({ severity: 'x' as never }), RangeError);
  });

  test('follows what matches, delivers again after an id, and says what it no longer has', async () => {
    const log = eventLog({ recent: 10, logger: silent });
    const got: unknown[] = [];
    log.follow(() => {
      throw new Error('a listener');
    });
    const subscription = log.follow(({ details }) => got.push(details['index']), { kind: 'a' });
    for (let index = 0; index < 6; index++) log.record({ kind: index % 2 ? 'b' : 'a', details: { index } });
    assert.deepEqual(got, [0, 2, 4]);
    subscription.stop();
    const { events } = await log.tail({ order: 'oldest' });
    const again: unknown[] = [];
    assert.equal(log.follow(({ details }) => again.push(details['index']), { after: events[2]?.id }).missed, false);
    assert.deepEqual(again, [3, 4, 5]);
    for (let index = 6; index < 100; index++) log.record({ kind: 'a', details: { index } });
    assert.equal(got.length, 3);
    assert.equal(log.follow(() => undefined, { after: events[2]?.id }).missed, true);
  });
});

describe('sinks', () => {
  const event = (index: number) => ({ kind: 'x', details: { index } });

  function sinkOf(append: EventSink['append'], name = 'faulty'): EventSink {
    return { ...methodsOf(memoryEventSink()), name, append };
  }

  function methodsOf(sink: EventSink): EventSink {
    return {
      name: sink.name,
      append: (events) => sink.append(events),
      read: (query) => sink.read(query),
      clean: (before) => sink.clean(before),
      close: () => sink.close(),
    };
  }

  test('repeats a batch that failed, and stores each event once', async () => {
    const kept = memoryEventSink();
    let calls = 0;
    const sink = {
      ...methodsOf(kept),
      append: async (events: readonly OperationsEvent[]) => {
        await kept.append(events);
        if (calls++ < 2) throw new Error('lost answer, password=hunter2');
      },
    };
    const log = eventLog({ sinks: sink, logger: silent, batchDelay: 0 });
    for (let index = 0; index < 20; index++) log.record(event(index));
    assert.equal(await log.flush(), true);
    assert.equal((await log.tail({ limit: 100 })).events.length, 20);
    const {
      sinks: [stats],
      written,
    } = log.getStats();
    assert.deepEqual([stats?.failures, stats?.lastError, written], [2, null, 20]);
  });

  test('drops what finds no place while a sink hangs, counts it, and keeps the other sinks going', async () => {
    const stored: OperationsEvent[] = [];
    let release: (() => void) | undefined;
    const hanging = sinkOf(
      (events) =>
        new Promise((resolve) => {
          release = () => {
            stored.push(...events);
            resolve();
          };
        }),
    );
    const good = memoryEventSink();
    const log = eventLog({ sinks: [good, hanging], maxWaiting: 10, batchSize: 5, batchDelay: 0, logger: silent });
    for (let index = 0; index < 30; index++) {
      log.record(event(index));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { sinks, dropped } = log.getStats();
    assert.deepEqual(
      sinks.map(({ dropped: count }) => count),
      [0, 20],
    );
    assert.equal(dropped, 20);
    assert.equal((await log.tail()).events.length, 30);
    assert.ok(release !== undefined);
    await log.close({ timeout: 20 });
  });

  test('report a failure once, without secrets, and what was dropped once they work again', async () => {
    const lines: string[] = [];
    let isDown = true;
    const kept = memoryEventSink();
    const sink = sinkOf((events) =>
      isDown ? Promise.reject(new Error('postgres://app:hunter2@db is down')) : kept.append(events),
    );
    const log = eventLog({
      sinks: sink,
      maxWaiting: 5,
      batchDelay: 0,
      logger: { ...silent, error: (line: string) => lines.push(line) },
    });
    for (let index = 0; index < 9; index++) log.record(event(index));
    await log.flush({ timeout: 20 });
    await log.flush({ timeout: 20 });
    assert.deepEqual(lines, ['Event log: the sink faulty failed: Error: postgres://[secret]@db is down']);
    isDown = false;
    while (!(await log.flush({ timeout: 100 })));
    const { events } = await kept.read({ cursor: null, limit: 100, order: 'oldest' });
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'dropped').map(({ count }) => count),
      [4],
    );
    assert.equal(events.length, 6);
  });

  test('that throw, hang or answer with nonsense fail no call', async () => {
    const broken = [
      sinkOf(() => {
        throw new Error('thrown');
      }, 'throwing'),
      sinkOf(() => new Promise(() => undefined), 'hanging'),
      sinkOf(() => Promise.reject(undefined), 'rejecting'),
      sinkOf(() => 1 as never, 'answering'),
    ];
    const log = eventLog({
      sinks: broken,
      logger: {
        ...silent,
        error: () => {
          throw new Error('logger');
        },
      },
      batchDelay: 0,
      sinkTimeout: 5,
      maxWaiting: 10,
    });
    const breaker = new CircuitBreaker({ name: 'a', failureThreshold: 1_000 });
    log.watch(breaker);
    for (let call = 0; call < 100; call++) {
      assert.equal(await breaker.execute(() => call), call);
      await fail(breaker, new Error('down'));
    }
    await log.close({ timeout: 30 });
    const { accepted, sinks } = log.getStats();
    assert.ok(accepted >= 100);
    for (const { name, written, waiting, dropped } of sinks) assert.equal(written + waiting + dropped, accepted, name);
  });

  test('are not asked to delete anything once they are closed', async () => {
    for (const isBusy of [false, true]) {
      const calls: string[] = [];
      const memory = memoryEventSink();
      const settle: (() => void)[] = [];
      const sink = {
        ...{ name: 'recording', append: memory.append.bind(memory), read: memory.read.bind(memory) },
        async clean() {
          calls.push('clean');
          if (isBusy) await new Promise<void>((resolve) => settle.push(resolve));
          calls.push('cleaned');
          return 0;
        },
        async close() {
          calls.push('close');
        },
      };
      const log = eventLog({ sinks: sink, batchDelay: 0 });
      log.record({ kind: 'x' });
      if (isBusy) while (settle.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const closed = log.close();
      await new Promise((resolve) => setImmediate(resolve));
      for (const resolve of settle) resolve();
      await closed;
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(calls.at(-1), 'close', calls.join());
    }
  });

  test('keep events for the retention time', async () => {
    const sink = memoryEventSink();
    const log = eventLog({ sinks: sink, retention: 60_000 });
    log.record({ kind: 'old', time: Date.now() - 120_000 });
    log.record({ kind: 'new' });
    await log.flush();
    assert.equal(await log.clean(), 1);
    assert.deepEqual(await kindsOf(log), ['new']);
  });

  test('and followers run outside of the async context of the call', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const kept = memoryEventSink();
    const sink = sinkOf((events) => {
      seen.push(context.getStore());
      return kept.append(events);
    });
    const log = eventLog({ sinks: sink, batchDelay: 1 });
    log.follow(() => seen.push(context.getStore()));
    const breaker = new CircuitBreaker({ name: 'a' });
    log.watch(breaker);
    await context.run('a call', async () => {
      await fail(breaker, new Error('down'));
      log.record(event(1));
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    await log.flush();
    assert.ok(seen.length >= 3);
    assert.ok(seen.every((store) => store === undefined));
  });

  test('a memory sink keeps the newest', async () => {
    const log = eventLog({ sinks: memoryEventSink({ max: 10 }) });
    for (let index = 0; index < 100; index++) log.record(event(index));
    await log.flush();
    const { events } = await log.tail({ order: 'oldest' });
    assert.deepEqual(
      events.map(({ details }) => details['index']),
      [90, 91, 92, 93, 94, 95, 96, 97, 98, 99],
    );
  });
});

test('no secret appears in an event, a message or the counters', async () => {
  const lines: string[] = [];
  const seen: string[] = [];
  const log = eventLog({
    logger: { ...silent, error: (line: string) => lines.push(line) },
    recent: 0,
    maxWaiting: 100_000,
    rejectionInterval: 0,
  });
  log.follow((event) => {
    seen.push(JSON.stringify(event));
    throw new Error(event.summary);
  });
  const planted = plantedSecrets(3);
  assert.ok(planted.length > 200);
  for (const { text } of planted) {
    const error = Object.assign(new Error(text, { cause: new Error(text) }), {
      config: { headers: { authorization: text }, data: text },
    });
    const breaker = new CircuitBreaker({ name: 'mpesa', failureThreshold: 1 });
    const orders = pipeline({
      breaker,
      fallback: () => 1,
      retry: { attempts: 2, delay: 0, retryIf: () => true } as never,
    });
    log.watch(orders);
    await orders.execute(() => Promise.reject(error));
    log.record({
      kind: text,
      actor: text,
      reason: text,
      summary: text,
      breaker: text,
      policy: text,
      details: { data: { text }, [text]: text, error },
    });
  }
  await log.flush();
  const stored: string[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await log.tail({ cursor, limit: 1_000 });
    stored.push(JSON.stringify(page));
    cursor = page.cursor;
    if (cursor === null) break;
  }
  const all = [...lines, ...seen, ...stored, JSON.stringify(log.getStats())].join('\n');
  assert.ok(seen.length > planted.length * 4);
  for (const { shape, hidden } of planted)
    for (const part of hidden) assert.ok(!all.includes(part), `${shape}: ${part}`);
});
