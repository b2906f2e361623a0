import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BreakerRegistry, CircuitBreaker } from 'fusewire';
import { ManualClock, onEachBackend, open, thrown } from './support.ts';

onEachBackend('BreakerRegistry', (backend) => {
  it('creates a breaker once per name', async () => {
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 3 } });
    const mpesa = registry.create('mpesa');
    const sms = registry.create('sms', { failureThreshold: 7 });
    assert.equal(registry.get('mpesa'), mpesa);
    assert.equal(registry.get('email'), undefined);
    assert.equal(registry.size, 2);
    assert.equal(mpesa.name, 'mpesa');
    assert.equal(mpesa.explain().failureThreshold, 3);
    assert.equal(sms.explain().failureThreshold, 7);
    assert.equal(
      thrown(() => registry.create('mpesa')).message,
      'There is a circuit breaker mpesa in this registry already',
    );
    assert.deepEqual(
      [...registry.getAll()],
      [
        ['mpesa', mpesa],
        ['sms', sms],
      ],
    );
    await mpesa.execute(() => 1);
    const all = registry.getAllStats();
    assert.deepEqual(Object.keys(all), ['mpesa', 'sms']);
    assert.equal(all['mpesa']?.totalSuccesses, 1);
    registry.getAll().clear();
    assert.equal(registry.size, 2);
  });

  it('rejects an invalid name', () => {
    const registry = new BreakerRegistry({ defaults: { backend } });
    for (const name of ['', 1, null, {}, undefined, 'n'.repeat(201)]) {
      if (name !== undefined) assert.match(thrown(() => registry.create(name as string)).message, /name must be/);
      if (name !== undefined) assert.match(thrown(() => registry.for(name as string)).message, /name must be/);
    }
    assert.equal(registry.size, 0);
    const proto = registry.create('__proto__');
    assert.equal(registry.get('__proto__'), proto);
    assert.deepEqual(Object.keys(registry.getAllStats()), ['__proto__']);
  });

  it('resets one breaker or all of them', async () => {
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 1 } });
    const breakers = [registry.create('mpesa'), registry.create('sms'), registry.for('host')];
    for (const breaker of breakers) await open(breaker);
    assert.equal(registry.reset('mpesa'), true);
    assert.equal(registry.reset('email'), false);
    assert.deepEqual(
      breakers.map(({ state }) => state),
      ['CLOSED', 'OPEN', 'OPEN'],
    );
    registry.resetAll();
    assert.deepEqual(
      breakers.map(({ state }) => state),
      ['CLOSED', 'CLOSED', 'CLOSED'],
    );
  });

  it('deletes a breaker, which continues to work', async () => {
    const registry = new BreakerRegistry({ defaults: { backend } });
    const breaker = registry.create('mpesa');
    registry.for('host');
    assert.equal(registry.delete('mpesa'), true);
    assert.equal(registry.delete('mpesa'), false);
    assert.equal(registry.delete('host'), true);
    assert.equal(registry.size, 0);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.notEqual(registry.create('mpesa'), breaker);
  });

  it('skips disposed breakers', () => {
    const registry = new BreakerRegistry({ defaults: { backend } });
    registry.create('mpesa').dispose();
    registry.create('sms');
    assert.deepEqual(Object.keys(registry.getAllStats()), ['sms']);
    registry.resetAll();
  });

  it('replaces a disposed breaker', async () => {
    const registry = new BreakerRegistry({ defaults: { backend } });
    const named = registry.create('mpesa');
    const keyed = registry.for('host');
    named.dispose();
    keyed.dispose();
    assert.equal(registry.get('mpesa'), undefined);
    assert.equal(registry.size, 0);
    assert.notEqual(registry.for('host'), keyed);
    assert.equal(await registry.for('host').execute(() => 'fine'), 'fine');
    const replacement = registry.create('mpesa');
    assert.equal(registry.for('mpesa'), replacement);
  });
});

onEachBackend('BreakerRegistry.for()', (backend) => {
  it('creates a breaker once per key, named after the key', () => {
    const registry = new BreakerRegistry({ defaults: { backend } });
    const host = registry.for('api.example.com', { failureThreshold: 9 });
    assert.equal(registry.for('api.example.com'), host);
    assert.equal(registry.get('api.example.com'), host);
    assert.equal(host.name, 'api.example.com');
    assert.equal(host.explain().failureThreshold, 9);
    const named = registry.create('mpesa');
    assert.equal(registry.for('mpesa'), named);
    assert.match(thrown(() => registry.create('api.example.com')).message, /already/);
  });

  it('drops the least recently used breaker beyond max', () => {
    const registry = new BreakerRegistry({ defaults: { backend }, max: 3 });
    const [a, b] = ['a', 'b', 'c'].map((key) => registry.for(key));
    registry.create('named');
    assert.equal(registry.for('a'), a);
    registry.for('d');
    assert.deepEqual([...registry.getAll().keys()], ['named', 'c', 'a', 'd']);
    assert.equal(registry.get('b'), undefined);
    assert.notEqual(registry.for('b'), b);
    assert.equal(registry.size, 4);
  });

  it('drops breakers whose circuit is open last', async () => {
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 1 }, max: 3 });
    const down = registry.for('down');
    await open(down);
    for (let key = 0; key < 20; key++) registry.for(`key ${key}`);
    assert.equal(registry.get('down'), down);
    for (const breaker of registry.getAll().values()) if (breaker.state === 'CLOSED') await open(breaker);
    registry.for('one more');
    assert.equal(registry.get('down'), undefined);
    assert.equal(registry.size, 3);
  });

  it('drops breakers whose circuit is half-open after closed ones', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({
      defaults: { backend, clock: clock.read, failureThreshold: 1, resetTimeout: 1_000 },
      max: 3,
    });
    const down = registry.for('down');
    await open(down);
    registry.for('healthy');
    clock.advance(1_000);
    assert.equal(down.state, 'HALF_OPEN');
    for (let key = 0; key < 5; key++) registry.for(`key ${key}`);
    assert.equal(registry.for('down'), down);
  });

  it('treats a breaker that has recovered like every other', async () => {
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 1 }, max: 3 });
    const recovered = registry.for('recovered');
    const down = registry.for('down');
    for (const breaker of [recovered, down]) await open(breaker);
    recovered.reset();
    registry.for('a');
    registry.for('b');
    assert.equal(registry.get('recovered'), undefined);
    assert.equal(registry.get('down'), down);
  });

  it('keeps the failing breaker that is asked for after idle', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({
      defaults: { backend, clock: clock.read, failureThreshold: 1, resetTimeout: 1_000 },
      idle: 500,
    });
    const down = registry.for('down');
    await open(down);
    clock.advance(1_000);
    assert.equal(registry.for('down'), down);
  });

  it('reads as many states for a new key among 600 open circuits as among 60', (t) => {
    const { get } = Object.getOwnPropertyDescriptor(CircuitBreaker.prototype, 'state') as { get: () => unknown };
    const reads = t.mock.getter(CircuitBreaker.prototype, 'state', get);
    const [few, many] = [60, 600].map((max) => {
      const registry = new BreakerRegistry({ defaults: { backend }, max });
      for (let key = 0; key < max; key++) registry.for(`key ${key}`).forceOpen();
      const before = reads.mock.callCount();
      for (let key = 0; key < 20; key++) registry.for(`new ${key}`).forceOpen();
      return reads.mock.callCount() - before;
    });
    assert.equal(many, few);
  });

  it('drops breakers unused for idle, unless their circuit is open or half-open', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({
      defaults: { backend, clock: clock.read, failureThreshold: 1, resetTimeout: 10_000 },
      idle: 1_000,
    });
    const idle = registry.for('idle');
    const down = registry.for('down');
    await open(down);
    clock.advance(600);
    registry.for('busy');
    clock.advance(400);
    assert.equal(registry.get('idle'), undefined);
    assert.notEqual(registry.for('idle'), idle);
    assert.equal(registry.for('down'), down);
    assert.equal(registry.size, 3);
    clock.advance(10_000);
    assert.deepEqual([...registry.getAll().keys()], ['down']);
    assert.equal(down.state, 'HALF_OPEN');
  });

  it('keeps a breaker that is called although nobody asks for it', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ defaults: { backend, clock: clock.read }, idle: 1_000, max: 2 });
    const held = registry.for('held');
    registry.for('waiting');
    const permit = registry.for('waiting').acquire();
    for (let round = 0; round < 5; round++) {
      clock.advance(600);
      await held.execute(() => 1);
      assert.equal(registry.size, 2);
    }
    permit.succeed();
    clock.advance(999);
    assert.equal(registry.size, 2);
    clock.advance(1);
    assert.equal(registry.size, 0);
  });

  it('passes over a breaker in use when it makes room', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ defaults: { backend, clock: clock.read }, max: 2 });
    const held = registry.for('held');
    registry.for('unused');
    clock.advance(1);
    await held.execute(() => 1);
    registry.for('new');
    assert.deepEqual([...registry.getAll().keys()], ['held', 'new']);
  });

  it('creates breakers with the options for their key, over the defaults and under those of the call', () => {
    const asked: string[] = [];
    const registry = new BreakerRegistry({
      defaults: { backend, failureThreshold: 3 },
      optionsFor: (key) => (asked.push(key), key === 'big' ? { failureThreshold: 9 } : undefined),
    });
    const thresholds = [registry.for('big'), registry.for('small'), registry.for('own', { failureThreshold: 7 })];
    registry.for('big');
    registry.create('named');
    assert.deepEqual(
      thresholds.map((breaker) => breaker.explain().failureThreshold),
      [9, 3, 7],
    );
    assert.deepEqual(asked, ['big', 'small', 'own']);
  });

  it('warns once of options that the breaker of the key does not have', (t) => {
    const warn = t.mock.method(process, 'emitWarning', () => undefined);
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 3 } });
    const classify = () => undefined;
    registry.for('host', { window: { type: 'count', size: 9 }, classify: () => undefined });
    registry.for('host', { failureThreshold: 3, window: { type: 'count', size: 9 }, classify });
    assert.equal(warn.mock.callCount(), 0);
    const breaker = registry.for('host', { failureThreshold: 4, window: { type: 'count', size: 10 } });
    registry.for('host', { failureThreshold: 5 });
    assert.equal(breaker.explain().failureThreshold, 3);
    assert.equal(warn.mock.callCount(), 1);
    assert.match(
      String(warn.mock.calls[0]?.arguments[0]),
      /host: for\(\) got other options .*: failureThreshold, window$/,
    );
  });

  it('emits created and evicted, with the reason', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ defaults: { backend, clock: clock.read }, max: 2, idle: 1_000 });
    const seen: string[] = [];
    registry.on('created', ({ name, breaker }) => seen.push(`created ${name} ${breaker.state}`));
    const off = registry.on('evicted', ({ name, reason }) => seen.push(`${reason} ${name}`));
    registry.create('named');
    for (const key of ['a', 'b', 'c']) registry.for(key);
    registry.for('b').dispose();
    registry.delete('named');
    clock.advance(1_000);
    assert.equal(registry.size, 0);
    off();
    registry.for('d');
    registry.delete('d');
    assert.deepEqual(seen, [
      'created named CLOSED',
      'created a CLOSED',
      'created b CLOSED',
      'max a',
      'created c CLOSED',
      'disposed b',
      'deleted named',
      'idle c',
      'created d CLOSED',
    ]);
  });

  it('reports a listener that throws, once, and creates the breaker', (t) => {
    const warn = t.mock.method(process, 'emitWarning', () => undefined);
    const registry = new BreakerRegistry({ defaults: { backend } });
    registry.on('created', () => {
      throw new Error('listener');
    });
    registry.for('a');
    registry.for('b');
    assert.equal(registry.size, 2);
    assert.equal(warn.mock.callCount(), 1);
    assert.throws(() => registry.on('open' as never, () => {}), /there is no event "open"/);
    assert.throws(() => registry.on('created', 1 as never), /a listener must be a function/);
  });

  it('iterates over names and breakers', () => {
    const registry = new BreakerRegistry({ defaults: { backend } });
    const [named, keyed] = [registry.create('named'), registry.for('key')];
    assert.deepEqual(
      [...registry],
      [
        ['named', named],
        ['key', keyed],
      ],
    );
  });

  it('health() publishes states and nothing of any error', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ defaults: { backend, clock: clock.read, failureThreshold: 1 } });
    registry.create('fine');
    assert.deepEqual(registry.health(), { status: 'ok', breakers: { fine: { state: 'CLOSED', retryAfter: 0 } } });
    await open(registry.for('down'), new Error('password=s3cr3t'));
    registry.for('held').forceOpen();
    assert.deepEqual(registry.health(), {
      status: 'degraded',
      breakers: {
        fine: { state: 'CLOSED', retryAfter: 0 },
        down: { state: 'OPEN', retryAfter: 60_000 },
        held: { state: 'OPEN', retryAfter: null },
      },
    });
  });
});
