import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, it } from 'node:test';
import type { ManualClock } from '@fusewire/testing';
import { opened, pagerDuty, slack, tickets, webhook } from '@fusewire/operations/alerts';
import type { Notifier } from '@fusewire/operations/alerts';
import { fail, open, recover, setup } from './alerts-kit.ts';
import { counted, deliver, statsOf, watched } from './delivery-kit.ts';
import { receive, until } from './receivers.ts';

describe('a webhook', () => {
  it('posts each notification as JSON, signed as in Standard Webhooks', async (test) => {
    const receiver = await receive();
    test.after(() => receiver.close());
    const hook = webhook({ url: receiver.url, secret: 'whsec_c2VjcmV0', headers: { authorization: 'Bearer x' } });
    const { clock, mpesa } = watched([hook]);
    await open(mpesa, clock);
    await until(() => receiver.requests.length === 1, clock);
    await recover(mpesa, clock);
    await until(() => receiver.requests.length === 2, clock);
    assert.deepEqual(
      receiver.requests.map(({ body }) => body['status']),
      ['firing', 'resolved'],
    );
    for (const { headers, text } of receiver.requests) {
      assert.equal(headers.authorization, 'Bearer x');
      assert.equal(headers['idempotency-key'], headers['webhook-id']);
      const signed = `${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${text}`;
      const expected = createHmac('sha256', 'secret').update(signed).digest('base64');
      assert.equal(headers['webhook-signature'], `v1,${expected}`);
    }
    const [first, second] = receiver.requests;
    assert.notEqual(first?.headers['idempotency-key'], second?.headers['idempotency-key']);
  });

  it('is tried again after a failure, with the same key, until it is accepted', async (test) => {
    const receiver = await receive((response, count) => {
      if (count === 1) response.writeHead(500).end('token=abc');
      else if (count === 2) response.socket?.resetAndDestroy();
      else response.writeHead(200).end();
    });
    test.after(() => receiver.close());
    const hook = counted(webhook({ url: receiver.url }));
    const all = watched([hook]);
    await open(all.mpesa, all.clock);
    await deliver(all, hook);
    assert.equal(receiver.requests.length, 3);
    assert.equal(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size, 1);
    const { failedAttempts, lastError, undelivered } = statsOf(all, 'webhook');
    assert.deepEqual([failedAttempts, lastError, undelivered], [2, null, 0]);
  });

  it('waits as long as Retry-After of a 429 asks for', async (test) => {
    const times: number[] = [];
    const receiver = await receive((response, count) => {
      if (count === 1) response.writeHead(429, { 'retry-after': '120' }).end();
      else response.writeHead(200).end();
    });
    test.after(() => receiver.close());
    const { deliver: send, ...hook } = webhook({ url: receiver.url });
    const timed = counted({
      ...hook,
      deliver(notification, attempt) {
        times.push(attempt.time);
        return send(notification, attempt);
      },
    });
    const all = watched([timed]);
    await open(all.mpesa, all.clock);
    await deliver(all, timed);
    assert.equal(statsOf(all, 'webhook').delivered, 1);
    const [first = 0, second = 0] = times;
    // The clock moves in steps, the first of 1 s and then of 100 ms, while the answer is on its way.
    assert.ok(second - first >= 120_000 && second - first <= 121_100, `${second - first}`);
  });

  it('is given up at once if the receiver rejects it for good, and the reason is counted and emitted', async (test) => {
    const receiver = await receive((response) => response.writeHead(410).end());
    test.after(() => receiver.close());
    const all = watched([webhook({ url: receiver.url })]);
    const given: unknown[] = [];
    all.watcher.on('undelivered', ({ notifier, reason, error }) => given.push([notifier, reason, error]));
    await open(all.mpesa, all.clock);
    await until(() => statsOf(all, 'webhook').undelivered === 1, all.clock);
    assert.deepEqual(given, [['webhook', 'failed', 'The receiver answered 410']]);
    assert.equal(receiver.requests.length, 1);
    assert.equal(statsOf(all, 'webhook').circuit, 'CLOSED');
  });

  it('is given up at once if its body cannot be made', async () => {
    const bodies = [
      () => {
        throw new Error('no body');
      },
      () => undefined,
      () => 1n,
    ];
    for (const body of bodies) {
      const all = watched([webhook({ url: 'http://127.0.0.1:9/', body })]);
      const errors: (string | null)[] = [];
      all.watcher.on('undelivered', ({ error }) => errors.push(error));
      await open(all.mpesa, all.clock);
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', /^The option body/);
    }
  });

  it('follows no redirect', async (test) => {
    const target = await receive();
    const receiver = await receive((response) => response.writeHead(307, { location: target.url }).end());
    test.after(() => Promise.all([receiver.close(), target.close()]));
    const all = watched([webhook({ url: receiver.url })]);
    await open(all.mpesa, all.clock);
    await until(() => statsOf(all, 'webhook').undelivered === 1, all.clock);
    assert.equal(target.requests.length, 0);
  });

  it('that hangs is given up after its time, opens its own circuit, and holds up nobody', async (test) => {
    const hanging = await receive(() => undefined);
    const healthy = await receive();
    test.after(() => Promise.all([hanging.close(), healthy.close()]));
    const notifiers = [webhook({ name: 'hanging', url: hanging.url }), webhook({ name: 'healthy', url: healthy.url })];
    const all = watched(notifiers, { delivery: { giveUpAfter: 300_000 } });
    const reasons: unknown[] = [];
    all.watcher.on('undelivered', ({ notifier, reason, error }) => reasons.push([notifier, reason, error]));
    await open(all.mpesa, all.clock);
    await until(() => healthy.requests.length === 1, all.clock);
    assert.equal(statsOf(all, 'hanging').waiting, 1);
    const circuits = new Set<string>();
    await until(
      () => {
        circuits.add(statsOf(all, 'hanging').circuit);
        return reasons.length > 0;
      },
      all.clock,
      1_000,
    );
    assert.ok(circuits.has('OPEN'));
    assert.deepEqual(reasons[0], ['hanging', 'expired', 'Circuit breaker test.hanging timeout after 10000ms']);
    assert.deepEqual(
      all.watcher.active().map(({ breaker }) => breaker),
      ['mpesa'],
      'the breakers of notifiers raise no alerts',
    );
  });

  it('that cannot be reached reports a code, and never its address', async () => {
    const receiver = await receive();
    await receiver.close();
    const hook = counted(webhook({ url: receiver.url }));
    const all = watched([hook], { delivery: { attempts: 2 } });
    const errors: unknown[] = [];
    all.watcher.on('undelivered', (event) => errors.push(event.error, inspect(event)));
    await open(all.mpesa, all.clock);
    await deliver(all, hook);
    assert.equal(errors[0], 'The receiver cannot be reached (ECONNREFUSED)');
    assert.equal(statsOf(all, 'webhook').failedAttempts, 2);
    const shown = inspect([errors, all.watcher, all.watcher.getStats(), webhook({ url: receiver.url })], {
      depth: 10,
      showHidden: true,
    });
    assert.ok(!shown.includes('T0KEN'), shown);
  });
});

describe('a notifier', () => {
  it('gets the newest state of a group that changed while it could not be reached', async () => {
    const got: string[] = [];
    let works = false;
    const flaky: Notifier = {
      name: 'flaky',
      deliver({ status }) {
        if (!works) throw new Error('down');
        got.push(status);
      },
    };
    const all = watched([flaky]);
    for (let occurrence = 0; occurrence < 3; occurrence++) {
      await open(all.mpesa, all.clock);
      await recover(all.mpesa, all.clock);
    }
    works = true;
    await until(() => statsOf(all, 'flaky').waiting === 0, all.clock, 1_000);
    assert.deepEqual(got, ['firing', 'resolved']);
    assert.equal(statsOf(all, 'flaky').replaced, 4);
  });

  it('has a bounded queue, of which the oldest notification is dropped, counted and emitted', async () => {
    const hanging: Notifier = { name: 'hanging', deliver: () => new Promise(() => undefined) };
    const all = setup({ rules: [opened()], notifiers: [hanging], delivery: { queueSize: 2 } });
    const dropped: unknown[] = [];
    all.watcher.on('undelivered', ({ reason, notification }) => dropped.push([reason, notification.key]));
    for (const name of ['a', 'b', 'c', 'd']) {
      await open(all.registry.create(name), all.clock);
    }
    assert.deepEqual(dropped, [['queue-full', 'test/opened/default/b']]);
    assert.equal(statsOf(all, 'hanging').waiting, 3);
    assert.equal(all.received.length, 4);
  });

  it('that throws, rejects or rejects by a policy of its own affects no call and no other notifier', async () => {
    const bad: Notifier[] = [
      {
        name: 'throws',
        deliver() {
          throw new Error('token Bearer abcdefghijklmnopqrstuvwxyz012345');
        },
      },
      { name: 'rejects', deliver: () => Promise.reject(null) },
      { name: 'nested', deliver: () => nested.execute(() => undefined) },
      {
        name: 'route',
        accepts() {
          throw new Error('no route');
        },
        deliver: () => undefined,
      },
    ];
    const { registry: others } = setup();
    const nested = others.create('nested');
    nested.forceOpen();
    const all = watched(bad, { delivery: { attempts: 3 }, logger: { debug() {}, info() {}, warn() {}, error() {} } });
    await open(all.mpesa, all.clock);
    await until(
      () => ['throws', 'rejects', 'nested'].every((name) => statsOf(all, name).undelivered === 1),
      all.clock,
      1_000,
    );
    assert.deepEqual(all.log(), ['firing mpesa']);
    for (const name of ['throws', 'rejects', 'nested']) assert.equal(statsOf(all, name).failedAttempts, 3, name);
    assert.equal(statsOf(all, 'route').delivered, 1);
    assert.ok(!inspect(all.watcher.getStats(), { depth: 5 }).includes('abcdefghij'));
  });

  it('can be removed in the middle of a delivery, which is aborted', async () => {
    let signal: AbortSignal | undefined;
    const hanging: Notifier = {
      name: 'hanging',
      deliver: (_, attempt) => new Promise(() => (signal = attempt.signal)),
    };
    const all = watched([]);
    const remove = all.watcher.addNotifier(hanging);
    assert.throws(() => all.watcher.addNotifier(hanging), /a notifier hanging already/);
    const reasons: string[] = [];
    all.watcher.on('undelivered', ({ reason }) => reasons.push(reason));
    await open(all.mpesa, all.clock);
    await open(all.registry.create('other'), all.clock);
    remove();
    remove();
    await all.clock.advanceAsync(1_000);
    assert.equal(signal?.aborted, true);
    assert.deepEqual(reasons, ['closed', 'closed']);
    assert.equal(all.watcher.getStats().notifiers.length, 1);
    all.watcher.addNotifier(hanging);
  });

  it('is waited for by close, until the time of close has passed', async () => {
    for (const [delay, reasons] of [
      [1_000, []],
      [9_000, ['closed']],
    ] as const) {
      let all: ReturnType<typeof watched> | undefined = undefined;
      const slow: Notifier = {
        name: 'slow',
        deliver: () =>
          new Promise<void>((resolve) => void (all as { clock: ManualClock }).clock.setTimer(resolve, delay)),
      };
      all = watched([slow]);
      const given: string[] = [];
      all.watcher.on('undelivered', ({ reason }) => given.push(reason));
      await open(all.mpesa, all.clock);
      const closed = all.watcher.close({ timeout: 5_000 });
      await all.clock.advanceAsync(5_000);
      await closed;
      await all.clock.advanceAsync(1_000);
      assert.deepEqual(given, reasons);
    }
  });

  it('runs in the async context of the alerts, and not in that of the call that failed', async () => {
    const storage = new AsyncLocalStorage<string>();
    const contexts: unknown[] = [];
    const notifier: Notifier = {
      name: 'context',
      deliver() {
        contexts.push(storage.getStore());
        if (contexts.length < 3) throw new Error('again');
      },
    };
    const rule = { name: 'context', when: () => (contexts.push(storage.getStore()), false) };
    const all = storage.run('alerts', () => watched([notifier], { rules: [opened(), rule] }));
    await storage.run('request', () => fail(all.mpesa, 3));
    await until(() => statsOf(all, 'context').delivered === 1, all.clock, 1_000);
    assert.deepEqual([...new Set(contexts)], ['alerts']);
    await all.watcher.close();
  });
});

describe('Slack, PagerDuty and tickets', () => {
  it('get requests of their own, each within its form', async (test) => {
    const [chat, pager, desk] = [await receive(), await receive(), await receive()];
    test.after(() => Promise.all([chat, pager, desk].map((receiver) => receiver.close())));
    const all = watched([
      slack({ url: chat.url }),
      pagerDuty({ routingKey: 'r0uting', url: pager.url }),
      tickets({ url: desk.url }),
    ]);
    await open(all.mpesa, all.clock);
    await until(() => [chat, pager, desk].every(({ requests }) => requests.length === 1), all.clock);
    all.watcher.acknowledge(all.watcher.active()[0]?.id ?? '', 'ada', 'looking');
    await until(() => [chat, pager].every(({ requests }) => requests.length === 2), all.clock);
    await recover(all.mpesa, all.clock);
    await until(() => [chat, pager].every(({ requests }) => requests.length === 3), all.clock);
    assert.equal(desk.requests.length, 1, 'a ticket is opened, and not closed');
    const events = pager.requests.map(({ body }) => [body['event_action'], body['dedup_key'], body['routing_key']]);
    const key = 'test/opened/default/mpesa';
    assert.deepEqual(events, [
      ['trigger', key, 'r0uting'],
      ['acknowledge', key, 'r0uting'],
      ['resolve', key, 'r0uting'],
    ]);
    const { title, externalId, priority } = desk.requests[0]?.body ?? {};
    assert.deepEqual([externalId, priority], [key, 'highest']);
    assert.match(title as string, /^mpesa opened/);
    assert.match(chat.requests[2]?.body['text'] as string, /^Resolved \(critical\) test: mpesa opened/);
  });
});
