import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventSubscription, FollowOptions, OperationsEvent } from '@fusewire/operations/events';
import type { ManagementOptions } from '@fusewire/operations/management';
import { checkProblem, fixture, NO_EVENTS, ORIGIN } from './support.ts';
import type { Fixture } from './support.ts';

interface Frame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { breakers?: { name: string; state: string }[]; removed?: string[]; all?: boolean; id?: string };
}

/** Event log whose events the test emits. */
function emitter(missed = false) {
  const options: (FollowOptions | undefined)[] = [];
  const listeners = new Set<(event: OperationsEvent) => unknown>();
  const follow = (listener: (event: OperationsEvent) => unknown, its?: FollowOptions): EventSubscription => {
    options.push(its);
    listeners.add(listener);
    return { missed, stop: () => void listeners.delete(listener) };
  };
  const emit = (id: string) => {
    const event = { id, kind: 'failure', time: 1, details: {} } as unknown as OperationsEvent;
    for (const listener of listeners) listener(event);
  };
  return { events: { ...NO_EVENTS, follow }, options, listeners, emit };
}

/** Opens a stream, and returns its reader and the frames of the next chunks. */
async function open(its: Fixture, path = '/stream', headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const request = new Request(ORIGIN + path, { headers, signal: controller.signal });
  const response = await its.handler(request);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const text = async () => {
    const { value, done } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  assert.equal(await text(), 'retry: 2000\n\n');
  return { reader, text, frames: async () => framesOf((await text()) ?? ''), abort: () => controller.abort() };
}

function framesOf(text: string): Frame[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      return { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? '{}') as Frame['data'] };
    });
}

const names = ({ data }: Frame) => data.breakers?.map(({ name }) => name);

describe('GET /stream', () => {
  it('begins with all breakers, and then sends those that changed, once a second', async () => {
    const its = fixture();
    const { frames, reader } = await open(its);
    const [first] = await frames();
    assert.deepEqual([names(first as Frame), first?.data.all], [['mpesa', 'sms', 'email'], true]);
    its.registry.get('sms')?.open();
    await its.clock.advanceAsync(400);
    its.registry.get('email')?.open();
    its.registry.create('new');
    its.registry.delete('mpesa');
    await its.clock.advanceAsync(600);
    const [second] = await frames();
    assert.deepEqual(names(second as Frame), ['sms', 'email', 'new']);
    assert.deepEqual([second?.data.removed, second?.data.all], [['mpesa'], undefined]);
    await reader.cancel();
  });

  it('sends nothing but heartbeats while nothing happens, although times go on', async () => {
    const its = fixture();
    its.registry.get('sms')?.open(600_000);
    const { frames, text, reader } = await open(its);
    await frames();
    await its.clock.advanceAsync(14_000);
    its.registry.get('sms')?.reset();
    await its.clock.advanceAsync(1_000);
    assert.deepEqual(names((await frames())[0] as Frame), ['sms']);
    await its.clock.advanceAsync(15_000);
    assert.equal(await text(), ':\n\n');
    await reader.cancel();
  });

  it('sends events with their ids soon after they were recorded', async () => {
    const log = emitter();
    const its = fixture({ events: log.events });
    const { frames, reader } = await open(its, '/stream?breakers=false&kind=state-*&breaker=sms', {
      'last-event-id': 'e0',
    });
    assert.deepEqual(log.options, [{ kind: 'state-*', breaker: 'sms', after: 'e0' }]);
    log.emit('e1');
    log.emit('e2');
    await its.clock.advanceAsync(100);
    assert.deepEqual(
      (await frames()).map(({ event, id, data }) => [event, id, data.id]),
      [
        ['event', 'e1', 'e1'],
        ['event', 'e2', 'e2'],
      ],
    );
    await reader.cancel();
  });

  it('says so if events after Last-Event-ID are missing', async () => {
    const its = fixture({ events: emitter(true).events });
    const { frames, reader } = await open(its, '/stream?breakers=false', { 'last-event-id': 'long-ago' });
    assert.deepEqual(
      (await frames()).map(({ event }) => event),
      ['missed'],
    );
    await reader.cancel();
  });

  it('keeps a bounded number of frames and events for a client that does not read', async () => {
    const log = emitter();
    const its = fixture({ events: log.events });
    const { frames, reader } = await open(its);
    await frames();
    for (let second = 0; second < 50; second++) {
      for (let event = 0; event < 100; event++) log.emit(`e${second}-${event}`);
      if (second % 2 === 0) its.registry.get('sms')?.open();
      else its.registry.get('sms')?.reset();
      await its.clock.advanceAsync(1_000);
    }
    const all: Frame[] = [];
    while (!all.some(({ event }) => event === 'missed')) all.push(...(await frames()));
    const events = all.filter(({ event }) => event === 'event').length;
    assert.ok(events >= 1_000 && events <= 1_500, String(events));
    assert.ok(all.length - events <= 6, String(all.length - events));
    its.registry.get('email')?.open();
    await its.clock.advanceAsync(1_000);
    const [last] = await frames();
    assert.deepEqual(names(last as Frame)?.includes('email'), true);
    await reader.cancel();
  });

  for (const how of ['cancels', 'aborts'] as const) {
    it(`ends when the client ${how}, and leaves nothing behind`, async () => {
      const log = emitter();
      const its = fixture({ events: log.events });
      const { reader, abort } = await open(its);
      log.emit('e1');
      assert.equal(log.listeners.size, 1);
      if (how === 'cancels') await reader.cancel();
      else abort();
      assert.deepEqual([log.listeners.size, its.clock.timers], [0, 0]);
      log.emit('e2');
      await its.clock.advanceAsync(5_000);
      assert.equal(its.clock.timers, 0);
    });
  }

  it('ends after a quarter of an hour, so that authorize is asked again, and with close()', async () => {
    for (const end of [
      (its: Fixture) => its.clock.advanceAsync(900_000),
      async (its: Fixture) => its.handler.close(),
    ]) {
      const its = fixture();
      const { text } = await open(its, '/stream?breakers=false');
      await end(its);
      while ((await text()) !== undefined);
      assert.equal(its.clock.timers, 0);
    }
  });

  it('has a bounded number of clients', async () => {
    const its = fixture({ readsPerMinute: false });
    const streams = [];
    for (let client = 0; client < 100; client++) streams.push(await open(its));
    const response = await its.send('GET', '/stream');
    assert.equal(response.headers.get('retry-after'), '10');
    assert.equal((await checkProblem(response)).status, 429);
    for (const { reader } of streams) await reader.cancel();
    assert.equal(its.clock.timers, 0);
    assert.equal((await its.send('HEAD', '/stream')).status, 200);
    assert.equal(its.clock.timers, 0);
  });

  it('lets nothing but the id of an event resume it', async () => {
    const log = emitter();
    const options: Partial<ManagementOptions> = { events: log.events };
    const { reader } = await open(fixture(options), '/stream', { 'last-event-id': 'x'.repeat(300) });
    assert.equal(log.options[0]?.after, undefined);
    await reader.cancel();
  });
});
