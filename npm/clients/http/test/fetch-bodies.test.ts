import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyTooLargeError, RedirectError, protectedFetch } from '@fusewire/http';
import { noRetry, rejection, serve, instantRetry, until } from '../../../../tests/clients/support.ts';

describe('body limits', () => {
  it('reject a response by its Content-Length', async (test) => {
    const { url } = await serve(test, (_, response) => response.end('12345678'));
    const get = protectedFetch({ ...noRetry, maxResponseSize: 7 });
    const error = await rejection(get(url));
    assert.ok(error instanceof BodyTooLargeError);
    assert.deepEqual([error.body, error.limit], ['response', 7]);
    assert.equal(await (await protectedFetch({ maxResponseSize: 8 })(url)).text(), '12345678');
    assert.equal((await get(url, { method: 'HEAD' })).status, 200);
  });

  it('break a response that grows too large, and abort the request', async (test) => {
    let closed = false;
    const { url } = await serve(test, async (_, response) => {
      response.on('close', () => (closed = true));
      const chunk = Buffer.alloc(65_536);
      while (!closed) await new Promise((resolve) => response.write(chunk, resolve));
    });
    const get = protectedFetch({ ...noRetry, maxResponseSize: 1_000_000, connections: 1 });
    const response = await get(url);
    assert.ok((await rejection(response.arrayBuffer())) instanceof BodyTooLargeError);
    await until(() => closed);
    const stats = get.breakerFor(url).getStats();
    assert.deepEqual([stats.totalFailures, stats.totalSuccesses], [0, 1]);
  });

  it('reject a request before it is sent', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...noRetry, maxRequestSize: 7, breaker: { failureThreshold: 1 } });
    const form = new FormData();
    form.append('name', new Blob(['1234']));
    const tooLarge: BodyInit[] = [
      '12345678',
      'ééé€',
      new Uint8Array(8),
      new ArrayBuffer(8),
      new Blob(['12345678']),
      new URLSearchParams({ a: '123456' }),
      form,
    ];
    for (const body of tooLarge) {
      const error = await rejection(get(url, { method: 'POST', body }));
      assert.ok(error instanceof BodyTooLargeError && error.body === 'request', String(error));
    }
    assert.equal(seen.length, 0);
    await get(url, { method: 'POST', body: '1234567' });
    assert.equal(seen.length, 1);
  });

  it('reject a streamed request while it is sent', async (test) => {
    const { url } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...noRetry, maxRequestSize: 7, breaker: { failureThreshold: 1 } });
    async function* chunks() {
      for (let chunk = 0; chunk < 3; chunk++) yield new Uint8Array(3);
    }
    for (const body of [new Blob(['12345678']).stream(), chunks() as never]) {
      const error = await rejection(get(url, { method: 'POST', body, duplex: 'half' } as RequestInit));
      assert.ok(error instanceof BodyTooLargeError, String(error));
    }
    assert.equal(get.breakerFor(url).state, 'CLOSED');
  });
});

describe('redirects', () => {
  it('are followed five times, each through the breaker of its target', async (test) => {
    const other = await serve(test, (_, response) => response.end('there'));
    const { url } = await serve(test, ({ path }, response) => {
      const step = Number(path.slice(1));
      response.writeHead(302, { location: step < 4 ? `/${step + 1}` : `${other.url}/end#there` }).end();
    });
    const get = protectedFetch(noRetry);
    const response = await get(`${url}/0#here`);
    assert.deepEqual([await response.text(), response.redirected, response.url], ['there', true, `${other.url}/end`]);
    assert.equal(get.breakerFor(url).getStats().totalSuccesses, 5);
    assert.equal(get.breakerFor(other.url).getStats().totalSuccesses, 1);
  });

  it('beyond the limit reject with a RedirectError, and count as no failure', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(302, { location: '/' }).end());
    const get = protectedFetch({ ...instantRetry, connections: 1 });
    const error = await rejection(get(url));
    assert.ok(error instanceof RedirectError);
    assert.match(error.message, /more than 5/);
    assert.equal(seen.length, 6);
    assert.equal(get.breakerFor(url).getStats().totalFailures, 0);
    assert.equal((await rejection(protectedFetch({ maxRedirects: 0 })(url))).name, 'RedirectError');
  });

  for (const [status, method, then, body] of [
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [301, 'PUT', 'PUT', 'it'],
    [302, 'DELETE', 'DELETE', 'it'],
    [307, 'POST', 'POST', 'it'],
    [308, 'POST', 'POST', 'it'],
    [303, 'HEAD', 'HEAD', ''],
  ] as const) {
    it(`by ${status} turn ${method} into ${then}, as with fetch`, async (test) => {
      const { url, seen } = await serve(test, ({ path }, response) => {
        if (path === '/') response.writeHead(status, { location: '/end' });
        response.end();
      });
      const init = {
        method,
        ...(method === 'HEAD' ? {} : { body: 'it' }),
        headers: { 'content-type': 'text/x', 'content-language': 'en', 'x-own': '1' },
      };
      for (const call of [fetch, protectedFetch(noRetry)]) await (await call(url, init)).arrayBuffer();
      const [, byFetch, , byProtectedFetch] = seen;
      assert.deepEqual(byProtectedFetch, byFetch);
      assert.deepEqual([byProtectedFetch?.method, byProtectedFetch?.body], [then, body]);
      assert.equal(byProtectedFetch?.headers['content-language'], then === 'GET' ? undefined : 'en');
    });
  }

  it('drop credentials when they lead to another origin', async (test) => {
    const other = await serve(test, (_, response) => response.end());
    const service = await serve(test, ({ path }, response) => {
      const location = path === '/away' ? other.url : '/end';
      if (path !== '/end') response.writeHead(307, { location });
      response.end();
    });
    const headers = { authorization: 'Bearer it', cookie: 'it=1', 'x-own': '1' };
    const get = protectedFetch(noRetry);
    await get(`${service.url}/`, { headers });
    assert.equal(service.seen[1]?.headers.authorization, 'Bearer it');
    await get(`${service.url}/away`, { headers });
    const { authorization, cookie, 'x-own': own } = other.seen[0]?.headers ?? {};
    assert.deepEqual([authorization, cookie, own], [undefined, undefined, '1']);
  });

  it('are rejected for a forbidden target, and not followed if the request asks so', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      const location = { '/file': 'file:///etc/hosts', '/none': undefined, '/secret': 'http://a:b@127.0.0.1/' }[path];
      response.writeHead(307, { ...(path === '/none' ? {} : { location: location ?? '/end' }) }).end();
    });
    const get = protectedFetch(noRetry);
    for (const path of ['/file', '/secret'])
      assert.ok((await rejection(get(`${url}${path}`))) instanceof RedirectError, path);
    assert.equal((await get(`${url}/none`)).status, 307);
    assert.equal((await get(url, { redirect: 'manual' })).status, 307);
    assert.ok((await rejection(get(url, { redirect: 'error' }))).cause instanceof RedirectError);
    const stream = { method: 'POST', body: new Blob(['it']).stream(), duplex: 'half' } as RequestInit;
    assert.ok((await rejection(get(url, stream))) instanceof RedirectError);
  });
});
