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

  it('drops the least recently used breaker beyond keyed.max', () => {
    const registry = new BreakerRegistry({ defaults: { backend }, keyed: { max: 3 } });
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
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 1 }, keyed: { max: 3 } });
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
      keyed: { max: 3 },
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
    const registry = new BreakerRegistry({ defaults: { backend, failureThreshold: 1 }, keyed: { max: 3 } });
    const recovered = registry.for('recovered');
    const down = registry.for('down');
    for (const breaker of [recovered, down]) await open(breaker);
    recovered.reset();
    registry.for('a');
    registry.for('b');
    assert.equal(registry.get('recovered'), undefined);
    assert.equal(registry.get('down'), down);
  });

  it('keeps the failing breaker that is asked for after keyed.idle', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({
      defaults: { backend, clock: clock.read, failureThreshold: 1, resetTimeout: 1_000 },
      keyed: { idle: 500 },
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
      const registry = new BreakerRegistry({ defaults: { backend }, keyed: { max } });
      for (let key = 0; key < max; key++) registry.for(`key ${key}`).forceOpen();
      const before = reads.mock.callCount();
      for (let key = 0; key < 20; key++) registry.for(`new ${key}`).forceOpen();
      return reads.mock.callCount() - before;
    });
    assert.equal(many, few);
  });

  it('drops breakers unused for keyed.idle, unless their circuit is open', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({
      defaults: { backend, clock: clock.read, failureThreshold: 1, resetTimeout: 10_000 },
      keyed: { idle: 1_000 },
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
    assert.equal(registry.size, 0);
  });
});
