import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cache, pipeline } from 'fusewire';
import type { Cache } from 'fusewire';
import { answered, deferred, rejection, turn } from './support.ts';
import { fails } from './support-fallback.ts';

async function untilStored(stored: Cache): Promise<void> {
  while (stored.size === 0) await turn();
}

describe("cache() with copy: 'response'", () => {
  it('gives each caller a body of its own', async () => {
    const policy = cache({ freshFor: 60_000, copy: 'response' });
    const get = () => policy.tryExecute(() => Response.json([1], { statusText: 'Fine' }), { key: 'key' });
    const sources: string[] = [];
    for (let caller = 0; caller < 3; caller++) {
      const { value, source } = await answered(get());
      await untilStored(policy);
      assert.equal(value.statusText, 'Fine');
      assert.equal(value.headers.get('content-type'), 'application/json');
      assert.deepEqual(await value.json(), [1]);
      sources.push(source);
    }
    assert.deepEqual(sources, ['call', 'cache', 'cache']);
  });

  it('gives each joined caller a body of its own', async () => {
    const policy = cache({ freshFor: 60_000, copy: 'response' });
    const work = deferred<Response>();
    const get = (signal?: AbortSignal) =>
      policy.execute(() => work.promise, { key: 'key', ...(signal && { signal }) }).then((response) => response.text());
    const calls = [get(), get(new AbortController().signal), get()];
    work.resolve(new Response('text'));
    assert.deepEqual(await Promise.all(calls), ['text', 'text', 'text']);
  });

  it('answers each failed call with a body of its own', async () => {
    const policy = cache({ copy: 'response' });
    await policy.execute(() => new Response(null, { status: 204 }), { key: 'key' });
    await untilStored(policy);
    for (let caller = 0; caller < 2; caller++) {
      const response = await policy.execute<Response>(fails, { key: 'key' });
      assert.equal(response.status, 204);
      assert.equal(await response.text(), '');
    }
  });

  it('replaces a failed response with the stored one, and frees its connection', async () => {
    const policy = cache({ copy: 'response' });
    await policy.execute(() => new Response('good'), { key: 'key' });
    await untilStored(policy);
    let cancelled = false;
    const body = new ReadableStream({ cancel: () => void (cancelled = true) });
    const answer = await policy.execute(() => new Response(body, { status: 503 }), { key: 'key' });
    assert.equal(await answer.text(), 'good');
    assert.equal(cancelled, true);
  });

  it('does not store a body that was read, that failed, or that never ends', async () => {
    const policy = cache({ freshFor: 60_000, copy: 'response' });
    const read = new Response('read');
    await read.text();
    const failed = new Response(new ReadableStream({ start: (controller) => controller.error(new Error('reset')) }));
    const endless = new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
    for (const response of [read, failed, endless]) {
      assert.equal(await policy.execute(() => response, { key: 'key' }), response);
      await turn();
      assert.equal(policy.size, 0);
    }
  });
});

describe('cache() with a function as copy', () => {
  it('gives each caller a value of its own', async () => {
    const policy = cache({ freshFor: 60_000, copy: structuredClone });
    for (let caller = 0; caller < 3; caller++) {
      const rates = await policy.execute(() => [1], { key: 'key' });
      assert.deepEqual(rates, [1]);
      rates.push(caller);
    }
  });

  it('gives each joined caller a value of its own', async () => {
    const policy = cache({ freshFor: 60_000, copy: structuredClone });
    const work = deferred<number[]>();
    const get = () => policy.execute(() => work.promise, { key: 'key' });
    const calls = [get(), get(), get()];
    work.resolve([1]);
    for (const call of calls) (await call).push(2);
    assert.deepEqual(
      (await Promise.all([...calls, get()])).map(({ length }) => length),
      [2, 2, 2, 1],
    );
  });

  it('makes the call where it fails, and reports the first failure', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const policy = cache({ freshFor: 60_000, copy: structuredClone, name: 'rates' });
    for (let call = 0; call < 2; call++) {
      const value = { call, format: () => '' };
      assert.equal(await policy.execute(() => value, { key: 'key' }), value);
    }
    assert.equal(policy.size, 0);
    await turn();
    process.off('warning', onWarning);
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0]), /Policy rates: copy failed, the value is not stored/);
  });
});

describe('cache() without copy', () => {
  it('rejects a Response, with the two solutions', async () => {
    const policy = cache();
    const error = await rejection(policy.execute(() => new Response('text'), { key: 'key' }));
    assert.ok(error instanceof TypeError);
    assert.equal(
      error.message,
      'Policy cache: the value of the call is a Response, whose body can be read once: return the parsed body, ' +
        "or set copy: 'response'",
    );
    assert.equal(policy.size, 0);
  });

  it('rejects a stream of the web and an asynchronous iterable', async () => {
    async function* rows() {
      yield 1;
    }
    for (const stream of [new ReadableStream(), rows()]) {
      const error = await rejection(cache().execute(() => stream, { key: 'key' }));
      assert.match(String(error), /TypeError: Policy cache: the value of the call is a stream, which can be read once/);
    }
  });

  it('is not answered by a fallback, nor repeated by a retry', async () => {
    let runs = 0;
    const calls = pipeline({ fallback: () => 'less', cache: {}, retry: 3 });
    const error = await rejection(calls.execute(() => (runs++, new Response('text')), { key: 'key' }));
    assert.match(String(error), /is a Response/);
    assert.equal(runs, 1);
  });
});

describe('cache() without a key', () => {
  it('rejects a call without a key, with an example', async () => {
    const policy = cache();
    const calls = pipeline({ fallback: () => 'less', cache: policy });
    const run = () => 1;
    for (const call of [
      () => policy.execute(run, {} as never),
      () => policy.tryExecute(run, {} as never),
      () => calls.execute(run, {} as never),
    ]) {
      const error = await rejection(call());
      assert.ok(error instanceof TypeError);
      assert.equal(
        error.message,
        "Policy cache: a call needs the option key, such as execute(work, { key: 'EUR' }), because the cache has no " +
          'option key that computes it',
      );
    }
    assert.equal(policy.getStats().totalCalls, 0);
  });

  it('wraps a function whose arguments give the key', async () => {
    const policy = cache({ freshFor: 60_000 });
    let runs = 0;
    const rateOf = policy.wrap((_call, currency: string, by: number) => `${currency} ${by} ${++runs}`, {
      key: (currency) => currency,
    });
    assert.deepEqual(
      [await rateOf('EUR', 1), await rateOf('EUR', 2), await rateOf('USD', 3)],
      ['EUR 1 1', 'EUR 1 1', 'USD 3 2'],
    );
    assert.throws(
      () => policy.wrap(() => 1, { key: 'EUR' } as never),
      /^TypeError: Policy cache: key must be a function$/,
    );
  });
});
