import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cached, degraded, fallback } from 'fusewire';
import type { Cached } from 'fusewire';
import { answered, deferred, turn } from './support.ts';
import { fails } from './support-fallback.ts';

describe('degraded()', () => {
  it('gives each caller an array of its own', async () => {
    const policy = fallback([degraded<{ rates: number[]; at: Date }[]>([{ rates: [1], at: new Date(0) }])]);
    const first = await policy.execute<never>(fails);
    first[0]?.rates.push(2);
    first[0]?.at.setTime(5);
    first.length = 0;
    assert.deepEqual(await policy.execute<never>(fails), [{ rates: [1], at: new Date(0) }]);
  });

  it('copies maps, sets, cycles and keys such as __proto__', async () => {
    const answer: Record<string, unknown> = { map: new Map([['a', [1]]]), set: new Set([1]), nothing: null };
    answer['self'] = answer;
    Object.defineProperty(answer, '__proto__', { value: [1], enumerable: true });
    const policy = fallback([degraded(answer)]);
    const first = await policy.execute<never>(fails);
    assert.deepEqual(first, answer);
    assert.notEqual(first, answer);
    assert.equal(first['self'], first);
    assert.notEqual(first['map'], answer['map']);
    assert.equal(Object.getPrototypeOf(first), Object.prototype);
  });

  it('shares instances of classes and functions', async () => {
    class Money {}
    const answer = { price: new Money(), format: () => '' };
    const copy = await fallback([degraded(answer)]).execute<never>(fails);
    assert.equal(copy.price, answer.price);
    assert.equal(copy.format, answer.format);
  });

  it('gives each caller a Response with a body of its own', async () => {
    const policy = fallback([degraded(Response.json({ rates: [] }, { status: 203 }))]);
    for (let caller = 0; caller < 3; caller++) {
      const response = await policy.execute<never>(fails);
      assert.equal(response.status, 203);
      assert.deepEqual(await response.json(), { rates: [] });
    }
  });
});

async function untilStored(cache: Cached): Promise<void> {
  while (cache.size === 0) await turn();
}

describe('cached() with a Response', () => {
  it('gives each caller a body of its own', async () => {
    const cache = cached({ ttl: 60_000, mode: 'cache-first' });
    const policy = fallback([cache]);
    const get = () => policy.tryExecute(() => Response.json([1], { statusText: 'Fine' }), { key: 'key' });
    const sources: string[] = [];
    for (let caller = 0; caller < 3; caller++) {
      const { value, source } = await answered(get());
      await untilStored(cache);
      assert.equal(value.statusText, 'Fine');
      assert.equal(value.headers.get('content-type'), 'application/json');
      assert.deepEqual(await value.json(), [1]);
      sources.push(source);
    }
    assert.deepEqual(sources, ['call', 'cache', 'cache']);
  });

  it('gives each joined caller a body of its own', async () => {
    const policy = fallback([cached({ ttl: 60_000, mode: 'cache-first' })]);
    const work = deferred<Response>();
    const get = (signal?: AbortSignal) =>
      policy.execute(() => work.promise, { key: 'key', ...(signal && { signal }) }).then((response) => response.text());
    const calls = [get(), get(new AbortController().signal), get()];
    work.resolve(new Response('text'));
    assert.deepEqual(await Promise.all(calls), ['text', 'text', 'text']);
  });

  it('answers each failed call with a body of its own', async () => {
    const cache = cached({ ttl: 60_000 });
    const policy = fallback([cache]);
    await policy.execute(() => new Response(null, { status: 204 }), { key: 'key' });
    await untilStored(cache);
    for (let caller = 0; caller < 2; caller++) {
      const response = await policy.execute<Response>(fails, { key: 'key' });
      assert.equal(response.status, 204);
      assert.equal(await response.text(), '');
    }
  });

  it('does not store a body that was read, that failed, or that never ends', async () => {
    const cache = cached({ ttl: 60_000, mode: 'cache-first' });
    const policy = fallback([cache]);
    const read = new Response('read');
    await read.text();
    const failed = new Response(new ReadableStream({ start: (controller) => controller.error(new Error('reset')) }));
    const endless = new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
    for (const response of [read, failed, endless]) {
      assert.equal(await policy.execute(() => response, { key: 'key' }), response);
      await turn();
      assert.equal(cache.size, 0);
    }
  });
});
