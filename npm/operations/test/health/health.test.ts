import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, OptionsError } from 'fusewire';
import { memoryQueue } from 'fusewire/queue';
import { manualClock } from '@fusewire/testing';
import { health } from '@fusewire/operations/health';
import type { HealthOptions } from '@fusewire/operations/health';

function campaign(): BreakerRegistry {
  const registry = new BreakerRegistry({ defaults: { resetTimeout: 30_000, clock: manualClock() } });
  for (const name of ['database', 'n8n', 'unipile', 'apollo']) registry.create(name);
  return registry;
}

describe('health()', () => {
  it('gives every part the same weight without options', async () => {
    const registry = campaign();
    registry.get('n8n')?.open();
    const { status, score, parts } = await health({ registry }).read();
    assert.deepEqual([status, score], ['ok', 75]);
    assert.deepEqual(
      parts.map(({ name, state, share, retryAfter }) => [name, state, share, retryAfter]),
      [
        ['database', 'CLOSED', 1, null],
        ['n8n', 'OPEN', 0, 30_000],
        ['unipile', 'CLOSED', 1, null],
        ['apollo', 'CLOSED', 1, null],
      ],
    );
  });

  it('reports an error while a critical circuit is open, and degraded while it is half-open', async () => {
    const clock = manualClock();
    const registry = new BreakerRegistry({ defaults: { resetTimeout: 1_000, clock } });
    registry.create('database').open();
    for (let other = 0; other < 99; other++) registry.create(`other-${other}`);
    const state = health({ registry, critical: ['database'] });
    const open = await state.read();
    assert.deepEqual([open.status, open.score], ['error', 29]);
    clock.advance(1_000);
    const probing = await state.read();
    assert.deepEqual([probing.status, probing.score], ['degraded', 69]);
  });

  it('names the override that an operator has set', async () => {
    const registry = campaign();
    registry.get('database')?.forceOpen();
    const { parts } = await health({ registry }).read();
    assert.equal(parts[0]?.detail, 'an operator has set FORCED_OPEN');
    assert.equal(parts[0]?.retryAfter, null);
  });

  it('degrades a queue with dead letters, and takes one whose store fails for down', async () => {
    const queue = memoryQueue();
    const broken = {
      size: () => Promise.reject(Object.assign(new Error('password=hunter2'), { code: 'ECONNREFUSED' })),
    };
    const { status, score, parts } = await health({ registry: new Map(), queues: { queue, broken } }).read();
    assert.deepEqual([status, score], ['degraded', 50]);
    assert.deepEqual(
      parts.map(({ kind, name, state, detail }) => [kind, name, state, detail]),
      [
        ['queue', 'queue', 'UP', null],
        ['queue', 'broken', 'DOWN', 'Error ECONNREFUSED'],
      ],
    );
    const dead = { size: async () => ({ waiting: 0, running: 0, dead: 3, oldestAge: null }) };
    const old = { size: async () => ({ waiting: 1, running: 0, dead: 0, oldestAge: 5_000.4 }) };
    const limited = await health({ registry: [], queues: { dead, old }, oldestAge: 5_000 }).read();
    assert.deepEqual(
      limited.parts.map(({ state, detail }) => [state, detail]),
      [
        ['DEGRADED', '3 dead letters'],
        ['DEGRADED', 'the oldest message waits since 5000 ms'],
      ],
    );
    await queue.close();
  });

  it('takes a check for down that is false, throws, rejects, hangs or answers nonsense', async () => {
    const clock = manualClock();
    let aborted = false;
    const state = health({
      registry: new Map(),
      clock,
      timeout: 100,
      checks: {
        fine: () => undefined,
        slow: () => ({ state: 'DEGRADED', detail: 'half of the pool' }),
        no: () => false,
        throws: () => {
          throw new Error('secret');
        },
        hangs: ({ signal }) => {
          signal.addEventListener('abort', () => (aborted = true));
          return new Promise<never>(() => undefined);
        },
        nonsense: () => ({ state: 'PERFECT' }) as never,
      },
    });
    const reading = state.read();
    await clock.advanceAsync(100);
    const { parts } = await reading;
    assert.deepEqual(
      parts.map(({ name, state: its, detail }) => [name, its, detail]),
      [
        ['fine', 'UP', null],
        ['slow', 'DEGRADED', 'half of the pool'],
        ['no', 'DOWN', null],
        ['throws', 'DOWN', 'Error'],
        ['hangs', 'DOWN', 'CallTimeoutError ERR_CALL_TIMEOUT'],
        ['nonsense', 'DOWN', null],
      ],
    );
    assert.equal(aborted, true);
    assert.equal(clock.timers, 0);
  });

  it('shares one reading among those who read at the same time', async () => {
    let reads = 0;
    const state = health({ registry: new Map(), checks: { counted: () => void reads++ }, readyRequires: ['counted'] });
    await Promise.all([state.read(), state.read(), state.ready()]);
    assert.equal(reads, 1);
    await state.read();
    assert.equal(reads, 2);
  });

  it('keeps a pod live and ready while circuits are open, unless they are required', async () => {
    const registry = campaign();
    registry.get('database')?.open();
    const lenient = health({ registry });
    assert.deepEqual(await lenient.live(), { status: 'ok', failed: [] });
    assert.deepEqual(await lenient.ready(), { status: 'ok', failed: [] });
    const strict = health({ registry, readyRequires: ['database', 'n8n'] });
    assert.deepEqual(await strict.live(), { status: 'ok', failed: [] });
    assert.deepEqual(await strict.ready(), { status: 'error', failed: ['database'] });
  });

  it('is not ready without a required part, and not live if a required check is down', async () => {
    const state = health({
      registry: new Map(),
      checks: { loop: () => false },
      readyRequires: ['databse'],
      liveRequires: ['loop'],
    });
    assert.deepEqual(await state.ready(), { status: 'error', failed: ['databse'] });
    assert.deepEqual(await state.live(), { status: 'error', failed: ['loop'] });
  });

  it('counts the breakers of several registries, and skips disposed ones', async () => {
    const [one, other] = [campaign(), new BreakerRegistry()];
    other.create('sms').open();
    other.create('gone').dispose();
    const { parts } = await health({ registry: [one, other, new Map()] }).read();
    assert.deepEqual(parts.map(({ name }) => name).sort(), ['apollo', 'database', 'n8n', 'sms', 'unipile']);
  });

  it('reports every problem of its options at once', () => {
    const options = {
      registry: 'registry',
      queues: { queue: {} },
      checks: [],
      weights: { database: -1 },
      defaultWeight: Number.NaN,
      critical: 'database',
      okFrom: 50,
      degradedFrom: 60,
      timeout: 0,
      liveRequires: ['database'],
      wieghts: {},
    } as unknown as HealthOptions;
    assert.throws(
      () => health(options),
      (error) => {
        assert.ok(error instanceof OptionsError);
        assert.deepEqual(
          error.problems.map(({ option }) => option),
          [
            'registry',
            'queues',
            'checks',
            'weights',
            'defaultWeight',
            'critical',
            'degradedFrom',
            'timeout',
            'liveRequires',
            'wieghts',
          ],
        );
        return true;
      },
    );
  });
});
