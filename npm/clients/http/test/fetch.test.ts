import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpErrorKind, protectedFetch } from '@fusewire/http';
import { CircuitBreaker, OptionsError, CircuitOpenError } from 'fusewire';
import { deadUrl, noRetry, rejection, serve, instantRetry, turn } from '../../../../tests/clients/support.ts';

describe('protectedFetch', () => {
  it('can replace fetch', async (test) => {
    const { url } = await serve(test, ({ method, body }, response) => response.end(JSON.stringify({ method, body })));
    const replacement: typeof fetch = protectedFetch();
    const plain = await fetch(`${url}/it?q=1`, { method: 'POST', body: 'b' });
    const response = await replacement(`${url}/it?q=1`, { method: 'POST', body: 'b' });
    assert.ok(response instanceof Response);
    assert.deepEqual(
      [response.url, response.status, response.statusText, response.redirected, response.type, response.ok],
      [plain.url, plain.status, plain.statusText, plain.redirected, plain.type, plain.ok],
    );
    assert.equal(response.clone().url, plain.url);
    assert.deepEqual(await response.clone().json(), await plain.json());
    assert.deepEqual(await response.json(), { method: 'POST', body: 'b' });
    const request = new Request(`${url}/it`, { method: 'PUT', body: 'of a request' });
    assert.deepEqual(await (await replacement(request)).json(), { method: 'PUT', body: 'of a request' });
    assert.deepEqual(await (await replacement(new URL(url))).json(), { method: 'GET', body: '' });
    assert.equal(await (await replacement('data:text/plain,hello')).text(), 'hello');
  });

  it('resolves with every status, and counts 5xx as failures', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      response.statusCode = Number(path.slice(1));
      response.end('why');
    });
    const get = protectedFetch({ ...noRetry, breaker: { failureThreshold: 3 } });
    for (const status of [404, 400, 401, 409]) assert.equal((await get(`${url}/${status}`)).status, status);
    assert.equal(get.breakerFor(url).getStats().totalFailures, 0);
    for (const status of [500, 502, 500]) {
      const response = await get(`${url}/${status}`);
      assert.equal(response.status, status);
      assert.equal(await response.text(), 'why');
    }
    assert.equal(get.breakerFor(url).state, 'OPEN');
  });

  it('opens no connection while the circuit is open', async (test) => {
    const service = await serve(test, (_, response) => response.writeHead(500).end());
    const get = protectedFetch({ ...noRetry, breaker: { failureThreshold: 1 } });
    await get(service.url);
    const { sockets } = service;
    for (let call = 0; call < 20; call++) {
      const error = await rejection(get(service.url));
      assert.ok(error instanceof CircuitOpenError);
      assert.equal(error.breaker, service.url);
    }
    assert.equal(service.sockets, sockets);
    assert.equal(service.seen.length, 1);
  });

  it('keeps a circuit for each origin', async (test) => {
    const bad = await serve(test, (_, response) => response.writeHead(500).end());
    const good = await serve(test, (_, response) => response.end('fine'));
    const get = protectedFetch({ ...noRetry, breaker: { failureThreshold: 1 } });
    await get(bad.url);
    await rejection(get(`${bad.url}/other`));
    assert.equal(await (await get(good.url)).text(), 'fine');
    assert.deepEqual([...get.registry.getAll().keys()], [bad.url, good.url]);
  });

  it('keeps no more breakers than max', async (test) => {
    const { server, url } = await serve(test, (_, response) => response.end());
    const { port } = server.address() as { port: number };
    const get = protectedFetch({ ...noRetry, max: 3, fetch: () => fetch(url) });
    for (let host = 0; host < 20; host++) await get(`http://host-${host}.test:${port}`);
    assert.equal(get.registry.size, 3);
  });

  it('applies the options of an origin, and uses the breakers of breakerFor', async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(500).end());
    const own = new CircuitBreaker({ name: 'own', failureThreshold: 2 });
    const get = protectedFetch({
      ...noRetry,
      breaker: { failureThreshold: 9 },
      origins: { [url]: { failureThreshold: 1 } },
      breakerFor: ({ pathname }) => (pathname === '/own' ? own : undefined),
    });
    await get(url);
    assert.equal(get.breakerFor(url).state, 'OPEN');
    await get(`${url}/own`);
    assert.equal(own.state, 'CLOSED');
    await get(`${url}/own`);
    assert.equal(own.state, 'OPEN');
    assert.equal(get.registry.size, 1);
  });

  it('admits one probe after the open time', async (test) => {
    let time = 0;
    let status = 500;
    const service = await serve(test, (_, response) => response.writeHead(status).end());
    const get = protectedFetch({
      ...noRetry,
      breaker: { failureThreshold: 1, successThreshold: 1, resetTimeout: 1_000, clock: () => time },
    });
    await get(service.url);
    status = 200;
    time = 1_000;
    assert.equal(get.breakerFor(service.url).state, 'HALF_OPEN');
    const [one, other] = await Promise.allSettled([get(service.url), get(service.url)]);
    assert.equal(one.status, 'fulfilled');
    assert.ok(other.status === 'rejected' && other.reason instanceof CircuitOpenError);
    assert.equal(get.breakerFor(service.url).state, 'CLOSED');
  });

  it('opens for the time in Retry-After', async (test) => {
    let time = 0;
    const { url } = await serve(test, (_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const get = protectedFetch({ ...noRetry, breaker: { clock: () => time } });
    assert.equal((await get(url)).status, 429);
    assert.equal(get.breakerFor(url).state, 'OPEN');
    time = 6_999;
    assert.ok((await rejection(get(url))) instanceof CircuitOpenError);
    time = 7_000;
    assert.equal(get.breakerFor(url).state, 'HALF_OPEN');
  });

  it('rejects invalid requests, and counts nothing', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...noRetry, breaker: { failureThreshold: 1 } });
    const { port } = new URL(url);
    for (const call of [
      () => get('no address'),
      () => get(`http://user:secret@127.0.0.1:${port}`),
      () => get(url, { body: 'a GET' }),
      () => get(url, { method: 'CONNECT' }),
      () => get(url, { headers: { 'no header': 'x' } }),
      () => get(url, { headers: { x: 'a\nb' } }),
    ]) {
      assert.ok((await rejection(call())) instanceof TypeError);
    }
    assert.equal(seen.length, 0);
    const { state, totalFailures, totalSuccesses } = get.breakerFor(url).getStats();
    assert.deepEqual([state, totalFailures, totalSuccesses], ['CLOSED', 0, 0]);
  });

  it('reports every invalid option at once', () => {
    const invalid = {
      ...{ timeout: 0, maxRedirects: 21, maxRequestSize: -1, maxResponseSize: 0.5, fetch: 1, unknown: 1 },
      ...{ breaker: { failureThreshold: 0 }, origins: { 'api.example.org': {}, 'http://a': { resetTimeout: 'x' } } },
      ...{ breakerFor: 'x', max: 0, maxInFlight: { limit: 0 }, retry: { attempts: 0 }, retryMethods: 'GET' },
    };
    assert.throws(
      () => protectedFetch(invalid as never),
      (error) => {
        assert.ok(error instanceof OptionsError);
        assert.deepEqual(error.problems.map(({ option }) => option).sort(), [
          'breaker.failureThreshold',
          'breakerFor',
          'fetch',
          'max',
          'maxInFlight.limit',
          'maxRedirects',
          'maxRequestSize',
          'maxResponseSize',
          'origins.api.example.org',
          'origins.http://a.resetTimeout',
          'retry.attempts',
          'retryMethods',
          'timeout',
          'unknown',
        ]);
        return true;
      },
    );
    assert.throws(() => protectedFetch({ maxInFlight: 0 }), /maxInFlight/);
    assert.throws(() => protectedFetch(5 as never), OptionsError);
  });
});

describe('retry', () => {
  it('repeats an idempotent request, and returns the response that succeeds', async (test) => {
    const { url, seen } = await serve(test, (_, response) => {
      response.writeHead(seen.length < 3 ? 503 : 200).end(`answer ${seen.length}`);
    });
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 9 } });
    const response = await get(url, { method: 'PUT', body: 'it' });
    assert.equal(await response.text(), 'answer 3');
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['it', 'it', 'it'],
    );
  });

  it('returns the last response if every attempt fails', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(503).end(`answer ${seen.length}`));
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 9 } });
    const response = await get(url);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), 'answer 4');
    assert.equal(seen.length, 4);
  });

  it('waits 1, 2 and 4 seconds by default', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    let attempts = 0;
    const refused = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
    const get = protectedFetch({ fetch: () => (attempts++, Promise.reject(refused)), timeout: false });
    const call = rejection(get('http://127.0.0.1'));
    for (const [attempt, seconds] of [1, 2, 4].entries()) {
      await turn();
      test.mock.timers.tick(seconds * 1_000 - 1);
      await turn();
      assert.equal(attempts, attempt + 1);
      test.mock.timers.tick(1);
    }
    assert.equal(await call, refused);
    assert.equal(attempts, 4);
  });

  it('repeats no POST by default, and no status that is permanent', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => response.writeHead(Number(path.slice(1))).end());
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 99 } });
    await get(`${url}/500`, { method: 'POST', body: 'it' });
    assert.equal(seen.length, 1);
    for (const status of [404, 501]) await get(`${url}/${status}`);
    assert.equal(seen.length, 3);
    const all = protectedFetch({ ...instantRetry, retryMethods: ['post'], breaker: { failureThreshold: 99 } });
    await all(`${url}/500`, { method: 'POST', body: 'it' });
    assert.equal(seen.length, 7);
  });

  it('repeats no request whose body is a stream', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(500).end());
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 99 } });
    const stream = new Blob(['streamed']).stream();
    const response = await get(url, { method: 'PUT', body: stream, duplex: 'half' } as RequestInit);
    assert.equal(response.status, 500);
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['streamed'],
    );
  });

  it('repeats after an unknown error of fetch, as runtimes other than Node reject with', async () => {
    let attempts = 0;
    const lost = new TypeError('error sending request');
    const get = protectedFetch({ ...instantRetry, fetch: () => (attempts++, Promise.reject(lost)) });
    assert.equal(await rejection(get('http://127.0.0.1')), lost);
    assert.equal(attempts, 4);
    assert.equal(httpErrorKind(lost), 'network');
  });

  it('stops when the circuit opens', async () => {
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 2 } });
    const error = await rejection(get(await deadUrl()));
    assert.ok(error instanceof CircuitOpenError);
    assert.equal((error.cause as { cause: { code: string } }).cause.code, 'ECONNREFUSED');
  });

  it('waits for Retry-After, and stops if that exceeds maxRetryAfter', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => {
      if (seen.length === 1) response.writeHead(503, { 'retry-after': path.slice(1) });
      response.end();
    });
    const get = protectedFetch({ ...instantRetry, breaker: { successThreshold: 1 } });
    assert.equal((await get(`${url}/1`)).status, 200);
    assert.equal(seen.length, 2);
    seen.length = 0;
    assert.equal((await get(`${url}/31`)).status, 503);
    assert.equal(seen.length, 1);
  });

  it('heeds x-should-retry and retry-after-ms', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => {
      const [, status, shouldRetry] = path.split('/');
      const headers = { 'x-should-retry': shouldRetry, 'retry-after-ms': '1' };
      response.writeHead(seen.length < 3 ? Number(status) : 200, headers).end();
    });
    const breaker = { failureThreshold: 99, successThreshold: 1 };
    const get = protectedFetch({ ...instantRetry, breaker: { ...breaker, classify: () => 'ignore' } });
    for (const [path, status, requests] of [
      ['500/false', 500, 1],
      ['500/true', 200, 3],
      ['501/true', 200, 3],
      ['409/true', 200, 3],
      ['409/false', 409, 1],
      ['409/maybe', 409, 1],
      ['302/true', 302, 1],
    ] as const) {
      seen.length = 0;
      assert.deepEqual([(await get(`${url}/${path}`)).status, seen.length], [status, requests], path);
    }
    seen.length = 0;
    await get(`${url}/409/true`, { method: 'POST' });
    assert.equal(seen.length, 1);
  });
});
