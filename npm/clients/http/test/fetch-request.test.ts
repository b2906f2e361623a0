import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { BodyTooLargeError, TooManyRedirectsError, protectedFetch } from '@fusewire/http';
import { instantRetry, noRetry, rejection, serve } from '../../../../tests/clients/support.ts';

type Init = RequestInit & { duplex?: 'half'; dispatcher?: unknown };

describe('protectedFetch with a Request', () => {
  const bodies: readonly (readonly [string, () => BodyInit, RegExp])[] = [
    ['a text', () => 'abc', /^abc$/],
    ['bytes', () => new Uint8Array([97, 98, 99]), /^abc$/],
    ['a blob', () => new Blob(['abc']), /^abc$/],
    ['parameters', () => new URLSearchParams({ a: 'b' }), /^a=b$/],
    ['a form', () => form(), /name="a"\r\n\r\nb\r\n/],
  ];

  for (const [kind, bodyOf, expected] of bodies) {
    it(`sends ${kind} again after a 307`, async (test) => {
      const { url, seen } = await serve(test, ({ path }, response) => {
        response.writeHead(path === '/' ? 307 : 200, { location: '/end' }).end();
      });
      const request = new Request(url, { method: 'POST', body: bodyOf() });
      assert.equal((await protectedFetch(noRetry)(request)).status, 200);
      for (const { body } of seen) assert.match(body, expected);
      assert.equal(seen[1]?.headers['content-type'], seen[0]?.headers['content-type']);
      assert.equal(request.bodyUsed, true);
    });

    it(`sends ${kind} again in a retry of a PUT`, async (test) => {
      const { url, seen } = await serve(test, (_, response) => {
        response.writeHead(seen.length < 3 ? 500 : 200).end();
      });
      const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 9 } });
      assert.equal((await get(new Request(url, { method: 'PUT', body: bodyOf() }))).status, 200);
      assert.equal(seen.length, 3);
      for (const { body, headers } of seen) {
        assert.match(body, expected);
        assert.equal(headers['content-length'], String(body.length));
      }
    });
  }

  it('sends a stream once, while it is still written', async (test) => {
    const { server, url, seen } = await serve(test, (_, response) => response.writeHead(500).end());
    let write = (_: string) => {};
    let end = () => {};
    const body = new ReadableStream({
      start(controller) {
        write = (text) => controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
      },
    });
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 9 } });
    write('a');
    const arrived = once(server, 'request');
    const call = get(new Request(url, { method: 'PUT', body, duplex: 'half' } as Init));
    await arrived;
    write('b');
    end();
    assert.equal((await call).status, 500);
    assert.deepEqual(
      seen.map((request) => request.body),
      ['ab'],
    );
  });

  it('rejects a body that is too large, and one that has been read', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...noRetry, maxRequestSize: 2 });
    assert.ok((await rejection(get(new Request(url, { method: 'POST', body: 'abc' })))) instanceof BodyTooLargeError);
    const read = new Request(url, { method: 'POST', body: 'ab' });
    await read.text();
    assert.ok((await rejection(get(read))) instanceof TypeError);
    assert.equal(seen.length, 0);
  });

  it('passes it on to fetch, so that a dispatcher inside it is used', async () => {
    const given: unknown[] = [];
    const get = protectedFetch({
      ...instantRetry,
      fetch: (input) => (given.push(input), Promise.resolve(new Response(null, { status: 503 }))),
      breaker: { failureThreshold: 9 },
    });
    const request = new Request('http://127.0.0.1');
    await get(request);
    assert.deepEqual(given, [request, request, request, request]);
    assert.ok(given.every((input) => input === request));
  });

  it('uses the dispatcher in the options of every attempt', async () => {
    const dispatchers: unknown[] = [];
    const get = protectedFetch({
      ...instantRetry,
      fetch: (_, init) => (
        dispatchers.push((init as Init).dispatcher),
        Promise.resolve(new Response(null, { status: 503 }))
      ),
      breaker: { failureThreshold: 9 },
    });
    const dispatcher = {};
    await get('http://127.0.0.1', { dispatcher } as Init);
    assert.ok(dispatchers.length === 4 && dispatchers.every((used) => used === dispatcher));
  });
});

describe("protectedFetch with the caller's own objects", () => {
  it('sends what they were when it was called, also in another attempt', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(seen.length < 2 ? 500 : 200).end());
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 9 } });
    for (const headers of [{ 'x-it': 'a' }, new Headers({ 'x-it': 'a' })]) {
      seen.length = 0;
      const init = { headers, method: 'PUT', body: 'a' };
      const call = get(url, init);
      if (headers instanceof Headers) headers.set('x-it', 'b');
      else headers['x-it'] = 'b';
      init.method = 'POST';
      init.body = 'b';
      await call;
      for (const request of seen) {
        assert.deepEqual([request.headers['x-it'], request.method, request.body], ['a', 'PUT', 'a']);
      }
      assert.equal(seen.length, 2);
    }
  });

  it('resolves with the response of fetch itself, whose headers cannot be changed', async (test) => {
    const { url } = await serve(test, (_, response) => response.end('it'));
    const native = await fetch(url);
    const response = await protectedFetch()(url);
    assert.throws(() => native.headers.set('x', 'y'), TypeError);
    assert.throws(() => response.headers.set('x', 'y'), TypeError);
    assert.equal(Object.prototype.toString.call(response), '[object Response]');
    assert.equal(response.constructor, Response);
  });

  it('reads an init with getters, such as a Request', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end());
    await protectedFetch()(url, new Request('http://127.0.0.1/other', { method: 'DELETE', headers: { 'x-it': '1' } }));
    assert.deepEqual([seen[0]?.method, seen[0]?.headers['x-it'], seen[0]?.path], ['DELETE', '1', '/']);
  });
});

describe('a body of protectedFetch', () => {
  const reads: readonly ((response: Response) => Promise<unknown>)[] = [
    (response) => response.text(),
    (response) => response.json(),
    async (response) => Buffer.from(await response.arrayBuffer()).toString(),
    async (response) => Buffer.from(await response.bytes()).toString(),
    async (response) => (await response.blob()).type,
    async (response) => [...(await new Response(response.body).bytes())],
    async (response) => (await response.clone().json(), response.text()),
    async (response) => (response.clone(), (await response.clone().blob()).type),
    async (response) => (await response.text(), (await rejection(response.text())).name),
    async (response) => (await response.text(), response.bodyUsed && response.body?.locked),
    async (response) => (await response.json(), (await rejection(response.blob())).name),
    async (response) => (response.body, response.bodyUsed),
    async (response) => (await response.body?.cancel(), response.bodyUsed),
    async (response) => (await response.text(), assert.throws(() => response.clone(), TypeError)),
    async (response) => (response.body?.getReader(), (await rejection(response.text())).name),
    (response) => rejection(response.formData()).then(({ name }) => name),
  ];
  for (const [index, read] of reads.entries()) {
    it(`behaves as that of fetch when read by ${/=> (.*?)[,;]?$/s.exec(String(read))?.[1] ?? index}`, async (test) => {
      const { url } = await serve(test, (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('\ufeff{"a":');
        setImmediate(() => response.end('"ü"}'));
      });
      const native = await read(await fetch(url));
      assert.deepEqual(await read(await protectedFetch()(url)), native);
    });
  }

  it('breaks at its limits, however it is read', async (test) => {
    const { url } = await serve(test, (_, response) => {
      response.write('1234');
      setImmediate(() => response.end('5678'));
    });
    const get = protectedFetch({ ...noRetry, maxResponseSize: 7 });
    for (const read of ['text', 'json', 'arrayBuffer', 'bytes', 'blob'] as const) {
      assert.ok((await rejection((await get(url))[read]())) instanceof BodyTooLargeError, read);
    }
    assert.ok((await rejection((await get(url)).clone().text())) instanceof BodyTooLargeError);
  });
});

describe('redirects of protectedFetch', () => {
  for (const [referrerPolicy, header] of [
    ['', ''],
    ['unsafe-url', ''],
    ['origin', 'unsafe-url'],
    ['unsafe-url', 'no-referrer, unknown'],
    ['strict-origin-when-cross-origin', 'same-origin'],
    ['no-referrer', 'unsafe-url'],
  ] as const) {
    it(`send the referrer as fetch does: ${referrerPolicy || 'no policy'}, then ${header || 'none'}`, async (test) => {
      const { url, seen } = await serve(test, ({ path }, response) => {
        const headers = { location: '/end', ...(header === '' ? {} : { 'referrer-policy': header }) };
        response.writeHead(path === '/' ? 302 : 200, headers).end();
      });
      for (const referrer of ['http://example.com/page?q=1#hash', `${url}/own`]) {
        seen.length = 0;
        for (const get of [fetch, protectedFetch()]) await get(url, { referrer, referrerPolicy });
        const referrers = seen.map(({ headers }) => headers.referer);
        assert.deepEqual(referrers.slice(2), referrers.slice(0, 2));
      }
    });
  }

  it('are left to fetch with maxRedirects: false, with one resource timing for all', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      response.writeHead(path === '/' ? 302 : 200, { location: '/end' }).end('it');
    });
    const get = protectedFetch({ ...noRetry, maxRedirects: false });
    const response = await get(`${url}/`);
    assert.deepEqual([response.redirected, response.url, await response.text()], [true, `${url}/end`, 'it']);
    assert.equal((await get(`${url}/`, { redirect: 'manual' })).status, 302);
    const error = await rejection(get(`${url}/`, { redirect: 'error' }));
    assert.ok(error instanceof TypeError && !(error.cause instanceof TooManyRedirectsError));
    const timings = performance.getEntriesByName(`${url}/`) as PerformanceResourceTiming[];
    assert.ok((timings[0]?.redirectStart ?? 0) > 0);
    assert.equal(performance.getEntriesByName(`${url}/end`).length, 0);
  });
});

function form(): FormData {
  const data = new FormData();
  data.append('a', 'b');
  return data;
}
