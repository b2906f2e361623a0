import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BreakerList, BreakerView } from '@fusewire/operations/management';
import { fixture } from './support.ts';

const fail = () => Promise.reject(new Error('refused'));
const names = (list: unknown) => (list as BreakerList).breakers.map(({ name }) => name);

describe('GET /breakers', () => {
  it('lists the breakers by name, with their states and the counts', async () => {
    const { json, registry } = fixture();
    registry.get('sms')?.open();
    const list = (await json('GET', '/breakers')) as unknown as BreakerList;
    assert.deepEqual(names(list), ['email', 'mpesa', 'sms']);
    assert.deepEqual(list.summary, { total: 3, closed: 2, open: 1, halfOpen: 0 });
    assert.deepEqual(list.breakers[2], {
      name: 'sms',
      state: 'OPEN',
      override: 'NONE',
      enabled: true,
      retryAfter: 30_000,
      holds: [],
      trial: null,
    });
    assert.equal(list.next, null);
  });

  it('adds the stats if detailed', async () => {
    const { json, registry } = fixture();
    await registry
      .get('sms')
      ?.execute(fail)
      .catch(() => undefined);
    const { breakers } = (await json('GET', '/breakers?detailed=true')) as unknown as BreakerList;
    assert.equal(breakers[2]?.stats?.totalFailures, 1);
    assert.equal(breakers[2]?.stats?.lastError?.message, 'refused');
  });

  it('filters by state and text, and pages in the order of the names', async () => {
    const { json, registry } = fixture();
    for (let tenant = 0; tenant < 5; tenant++) registry.create(`tenant:${tenant}`);
    registry.get('mpesa')?.open();
    assert.deepEqual(names(await json('GET', '/breakers?state=OPEN')), ['mpesa']);
    const first = await json('GET', '/breakers?search=tenant&limit=2');
    assert.deepEqual([names(first), first['next']], [['tenant:0', 'tenant:1'], 'tenant:1']);
    const last = await json('GET', '/breakers?search=tenant&limit=3&after=tenant:1');
    assert.deepEqual([names(last), last['next']], [['tenant:2', 'tenant:3', 'tenant:4'], null]);
  });

  it('answers 304 to the ETag of an unchanged list', async () => {
    const { send, registry } = fixture();
    const etag = (await send('GET', '/breakers')).headers.get('etag') ?? '';
    const again = await send('GET', '/breakers', undefined, { 'if-none-match': etag });
    assert.deepEqual([again.status, await again.text()], [304, '']);
    registry.get('sms')?.open();
    assert.equal((await send('GET', '/breakers', undefined, { 'if-none-match': etag })).status, 200);
  });
});

describe('GET /breakers/{breaker}', () => {
  it('returns a breaker of any name, which is decoded once', async () => {
    const { json, registry, problem } = fixture();
    for (const name of ['__proto__', 'constructor', 'a/b', 'a%2Fb', 'größe ☃', 'x y?#']) {
      registry.create(name);
      const view = await json('GET', `/breakers/${encodeURIComponent(name)}`);
      assert.equal(view['name'], name);
      assert.equal((view['stats'] as { name: string }).name, name);
    }
    assert.equal((await problem('GET', '/breakers/toString')).status, 404);
  });

  it('knows no disposed breaker', async () => {
    const { problem, registry } = fixture();
    registry.get('sms')?.dispose();
    assert.equal((await problem('GET', '/breakers/sms')).status, 404);
  });

  it('explains the last decision', async () => {
    const { json, registry } = fixture();
    for (let call = 0; call < 3; call++)
      await registry
        .get('sms')
        ?.execute(fail)
        .catch(() => undefined);
    const explanation = await json('GET', '/breakers/sms/explain');
    assert.deepEqual([explanation['reason'], explanation['observed']], ['failure-threshold', 3]);
  });
});

describe('POST /breakers/{breaker}/reset', () => {
  it('closes the circuit, and records who did it and why', async () => {
    const { json, registry, recorded } = fixture();
    registry.get('sms')?.open();
    assert.deepEqual(await json('POST', '/breakers/sms/reset', { reason: 'provider is back' }), { reset: ['sms'] });
    assert.equal(registry.get('sms')?.state, 'CLOSED');
    assert.deepEqual(recorded, [
      {
        kind: 'administration',
        severity: 'warning',
        actor: 'jane',
        reason: 'provider is back',
        breaker: 'sms',
        summary: 'jane reset the breaker sms',
        details: { operation: 'reset' },
      },
    ]);
  });

  it('needs no body', async () => {
    const { json, recorded } = fixture();
    await json('POST', '/breakers/sms/reset');
    assert.equal(recorded[0]?.reason, null);
  });

  it('resets all breakers', async () => {
    const { json, registry, recorded } = fixture();
    for (const [, breaker] of registry) breaker.open();
    assert.deepEqual(await json('POST', '/reset-all', { reason: 'drill' }), { reset: ['email', 'mpesa', 'sms'] });
    assert.ok([...registry].every(([, { state }]) => state === 'CLOSED'));
    assert.equal(recorded[0]?.summary, 'jane reset all 3 breakers');
  });
});

describe('POST /breakers/{breaker}/open', () => {
  it('opens the circuit, which recovers by itself', async () => {
    const { json, registry, clock } = fixture();
    assert.equal((await json('POST', '/breakers/sms/open', { duration: 5_000 }))['retryAfter'], 5_000);
    clock.advance(5_000);
    assert.equal(registry.get('sms')?.state, 'HALF_OPEN');
  });
});

describe('overrides', () => {
  const path = (action: string) => `/breakers/mpesa/${action}`;

  it('hold a circuit open until every holder has released it', async () => {
    const { json, registry, problem } = fixture();
    const mpesa = registry.get('mpesa');
    await json('POST', path('force-open'), { reason: 'maintenance' });
    await json('POST', path('force-open'), { reason: 'incident', holder: 'INC-7' });
    const { holds } = (await json('GET', '/breakers/mpesa')) as unknown as BreakerView;
    assert.deepEqual(
      holds.map(({ kind, holder, reason, until }) => [kind, holder, reason, until]),
      [
        ['FORCED_OPEN', 'jane', 'maintenance', null],
        ['FORCED_OPEN', 'INC-7', 'incident', null],
      ],
    );
    await json('POST', path('release'), { holder: 'jane' });
    assert.equal(mpesa?.override, 'FORCED_OPEN');
    assert.equal((await problem('POST', path('release'), { holder: 'jane' })).status, 409);
    await json('POST', path('release'), { holder: 'INC-7' });
    assert.equal(mpesa?.override, 'NONE');
  });

  it('end by themselves after their time on the clock, and say so in the log', async () => {
    const { json, registry, clock, recorded } = fixture();
    const before = Date.now();
    const view = await json('POST', path('force-open'), { reason: 'deploy', ttl: 60_000 });
    const [hold] = (view as unknown as BreakerView).holds;
    assert.ok(Math.abs(Date.parse(hold?.until ?? '') - before - 60_000) < 5_000);
    clock.advance(59_999);
    assert.equal(registry.get('mpesa')?.override, 'FORCED_OPEN');
    clock.advance(1);
    assert.equal(registry.get('mpesa')?.override, 'NONE');
    assert.equal(clock.timers, 0);
    assert.deepEqual(
      recorded.map(({ summary }) => summary),
      ['jane forced open the breaker mpesa for 60000 ms', 'the hold of jane on the breaker mpesa has ended'],
    );
  });

  it('of the same holder replace each other, the time included', async () => {
    const { json, registry, clock } = fixture();
    for (const kind of ['force-open', 'force-closed', 'shadow', 'force-closed', 'force-open']) {
      for (let twice = 0; twice < 2; twice++) {
        await json('POST', path(kind), { reason: 'test', ttl: 10_000 });
        clock.advance(6_000);
      }
    }
    assert.equal(registry.get('mpesa')?.override, 'FORCED_OPEN');
    assert.equal(clock.timers, 1);
    clock.advance(4_000);
    assert.equal(registry.get('mpesa')?.override, 'NONE');
  });

  it('forced closed and shadow replace those of others', async () => {
    const { json, registry, clock } = fixture();
    await json('POST', path('force-open'), { reason: 'one', holder: 'one', ttl: 10_000 });
    const view = await json('POST', path('force-closed'), { reason: 'two', holder: 'two' });
    assert.deepEqual(
      (view as unknown as BreakerView).holds.map(({ holder }) => holder),
      ['two'],
    );
    assert.equal(clock.timers, 0);
    assert.equal(registry.get('mpesa')?.override, 'FORCED_CLOSED');
    await json('POST', path('release'));
    assert.equal(registry.get('mpesa')?.override, 'NONE');
  });

  it('are forgotten once something else has ended them', async () => {
    const { json, registry, clock } = fixture();
    await json('POST', path('force-open'), { reason: 'one', ttl: 10_000 });
    registry.get('mpesa')?.reset();
    assert.deepEqual((await json('GET', '/breakers/mpesa'))['holds'], []);
    assert.equal(clock.timers, 0);
    await json('POST', path('force-open'), { reason: 'two', ttl: 10_000 });
    await json('POST', '/breakers/mpesa/reset');
    assert.equal(clock.timers, 0);
  });

  it('need a reason, and a time of at least a second', async () => {
    const { problem } = fixture();
    const { status, problems } = await problem('POST', path('force-open'), { ttl: 10, holdr: 'x' });
    assert.equal(status, 422);
    assert.deepEqual(problems, [
      { field: 'reason', message: 'must be text of 1 to 500 characters without control characters, and is required' },
      { field: 'ttl', message: 'must be a whole number from 1000 to 2147483647' },
      { field: 'holdr', message: 'is not a field of the body; did you mean holder?' },
    ]);
  });

  it('have a bounded number of holders', async () => {
    const { json, problem } = fixture();
    for (let holder = 0; holder < 32; holder++)
      await json('POST', path('force-open'), { reason: 'x', holder: `holder ${holder}` });
    assert.equal((await problem('POST', path('force-open'), { reason: 'x', holder: 'one more' })).status, 409);
    await json('POST', path('force-open'), { reason: 'again', holder: 'holder 3' });
  });

  it('leave no timers behind when the handler is closed', async () => {
    const { json, registry, handler, clock } = fixture();
    await json('POST', path('force-open'), { reason: 'x', ttl: 10_000 });
    handler.close();
    assert.equal(clock.timers, 0);
    assert.equal(registry.get('mpesa')?.override, 'FORCED_OPEN');
  });
});

describe('PATCH /breakers/{breaker}/options', () => {
  const path = '/breakers/sms/options';

  it('tries new options in shadow first, and applies them on demand', async () => {
    const { json, registry, recorded } = fixture();
    const sms = registry.get('sms');
    await json('PATCH', path, { options: { failureThreshold: 1 }, reason: 'flaky' });
    assert.equal(sms?.explain().failureThreshold, 3);
    await sms?.execute(fail).catch(() => undefined);
    const { trial, state } = (await json('GET', '/breakers/sms')) as unknown as BreakerView;
    assert.deepEqual(
      [state, trial?.state, trial?.holder, trial?.options],
      ['CLOSED', 'OPEN', 'jane', { failureThreshold: 1 }],
    );
    await json('POST', `${path}/apply`, { reason: 'looks good' });
    assert.equal(sms?.explain().failureThreshold, 1);
    assert.equal((await json('GET', '/breakers/sms'))['trial'], null);
    assert.deepEqual(recorded[1]?.details, { operation: 'applyOptions', options: { failureThreshold: 1 } });
  });

  it('drops the options that were tried', async () => {
    const { json, registry, problem } = fixture();
    await json('PATCH', path, { options: { failureThreshold: 1 }, reason: 'flaky' });
    await json('POST', `${path}/cancel`);
    assert.equal(registry.get('sms')?.explain().failureThreshold, 3);
    assert.equal((await problem('POST', `${path}/apply`)).status, 409);
  });

  it('changes options at once if asked', async () => {
    const { json, registry } = fixture();
    await json('PATCH', path, { options: { failureThreshold: 2, timeout: 5_000 }, now: true, reason: 'agreed' });
    assert.equal(registry.get('sms')?.explain().failureThreshold, 2);
  });

  it('reports every problem of the options, and changes nothing', async () => {
    const { problem, registry } = fixture();
    for (const now of [true, false]) {
      const body = `{"now":${now},"reason":"x","options":{"failureThreshold":0,"window":{},"__proto__":{"a":1},"tiemout":"secret"}}`;
      const { status, problems, detail } = await problem('PATCH', path, body);
      assert.equal(status, 422);
      assert.deepEqual(problems?.map(({ field }) => field).sort(), [
        'options.__proto__',
        'options.failureThreshold',
        'options.tiemout',
        'options.window',
      ]);
      assert.doesNotMatch(detail, /secret/);
    }
    assert.equal(registry.get('sms')?.explain().failureThreshold, 3);
  });
});
