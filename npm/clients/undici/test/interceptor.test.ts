import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { http } from '@fusewire/http';
import { circuitBreaker } from '@fusewire/undici';
import { CircuitBreaker, OptionsError, CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { CircuitBreakerOptions } from 'fusewire';
import { Agent, Client, fetch, interceptors, Pool, request, upgrade } from 'undici';
import { deadUrl, rejection, serve, turn, until } from '../../../../tests/clients/support.ts';

/** Returns a dispatcher with one breaker for every origin, which opens at the first failure by default. */
function protect(options: CircuitBreakerOptions = {}) {
  const breaker = new CircuitBreaker({ failureThreshold: 1, ...options });
  const registered: URL[] = [];
  const breakerFor = (url: URL) => (registered.push(url), breaker);
  const dispatcher = new Agent().compose(circuitBreaker({ breakerFor }));
  return { breaker, dispatcher, registered };
}

/** Returns a dispatcher with the breakers by origin that the interceptor creates. */
function byOrigin(options: CircuitBreakerOptions = {}) {
  return new Agent().compose(circuitBreaker({ breaker: { failureThreshold: 1, ...options } }));
}

describe('circuitBreaker()', () => {
  it('passes responses through unchanged', async (test) => {
    const { url } = await serve(test, ({ method, body }, response) => response.end(`${method} ${body}`));
    const { breaker, dispatcher, registered } = protect();
    const { statusCode, body } = await request(`${url}/it?q=1`, { dispatcher, method: 'POST', body: 'b' });
    assert.deepEqual([statusCode, await body.text()], [200, 'POST b']);
    assert.equal(registered[0]?.href, `${url}/it?q=1`);
    assert.equal(await (await fetch(url, { dispatcher })).text(), 'GET ');
    assert.equal(breaker.getStats().totalSuccesses, 2);
  });

  for (const [status, opens] of [
    [500, true],
    [503, true],
    [429, true],
    [404, false],
    [401, false],
    [302, false],
  ] as const) {
    it(`${opens ? 'counts' : 'does not count'} a ${status}, and passes the response on`, async (test) => {
      const service = await serve(test, (_, response) => response.writeHead(status).end('why'));
      const dispatcher = byOrigin();
      const { statusCode, body } = await request(service.url, { dispatcher });
      assert.deepEqual([statusCode, await body.text()], [status, 'why']);
      const { sockets } = service;
      const next = await request(service.url, { dispatcher }).then(
        ({ body }) => body.dump(),
        (error) => error,
      );
      assert.equal(next instanceof CircuitOpenError, opens);
      assert.equal(service.sockets > sockets && opens, false);
      assert.equal(service.seen.length, opens ? 1 : 2);
    });
  }

  it('opens for the time in Retry-After', async (test) => {
    let time = 0;
    const { url } = await serve(test, (_, response) => response.writeHead(503, { 'retry-after': '7' }).end());
    const dispatcher = byOrigin({ failureThreshold: 99, clock: () => time });
    await request(url, { dispatcher });
    time = 6_999;
    const error = await rejection(request(url, { dispatcher }));
    assert.ok(error instanceof CircuitOpenError);
    assert.equal(error.retryAfter, 1);
    time = 7_000;
    assert.equal((await request(url, { dispatcher })).statusCode, 503);
  });

  it('closes the circuit after a successful probe', async (test) => {
    let time = 0;
    let status = 500;
    const { url } = await serve(test, (_, response) => response.writeHead(status).end());
    const dispatcher = byOrigin({ successThreshold: 1, resetTimeout: 1_000, clock: () => time });
    await request(url, { dispatcher });
    status = 200;
    assert.ok((await rejection(request(url, { dispatcher }))) instanceof CircuitOpenError);
    time = 1_000;
    const both = await Promise.allSettled([request(url, { dispatcher }), request(url, { dispatcher })]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.equal((await request(url, { dispatcher })).statusCode, 200);
  });

  it('makes fetch reject with the CircuitOpenError as the cause', async () => {
    const url = await deadUrl();
    const dispatcher = byOrigin();
    const refused = await rejection(fetch(url, { dispatcher }));
    assert.equal((refused.cause as { code: string }).code, 'ECONNREFUSED');
    const rejected = await rejection(fetch(url, { dispatcher }));
    assert.ok(rejected instanceof TypeError);
    assert.ok(rejected.cause instanceof CircuitOpenError);
    assert.equal((rejected.cause.cause as { code: string }).code, 'ECONNREFUSED');
  });

  it('counts a dependency that hangs as a failure after the timeout', async (test) => {
    const { url } = await serve(test, () => {});
    const { breaker, dispatcher } = protect({ timeout: 20 });
    assert.ok((await rejection(request(url, { dispatcher }))) instanceof CallTimeoutError);
    assert.equal(breaker.state, 'OPEN');
  });

  it('ends a request that waits for a connection after the timeout, and never sends it', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    const { url, seen } = await serve(test, () => {});
    const breaker = new CircuitBreaker({ timeout: 50, failureThreshold: 9 });
    const pool = new Pool(url, { connections: 1, pipelining: 1 });
    const dispatcher = pool.compose(circuitBreaker({ breakerFor: () => breaker }));
    const calls = [1, 2].map(() => rejection(request(url, { dispatcher })));
    while (seen.length === 0) await turn();
    test.mock.timers.tick(50);
    for (const error of await Promise.all(calls)) assert.ok(error instanceof CallTimeoutError);
    assert.equal(seen.length, 1);
    await pool.destroy();
  });

  it('counts a body that breaks as a failure, unless the caller destroys it', async (test) => {
    const { url, server } = await serve(test, (_, response) => void response.write('begun'));
    const { breaker, dispatcher } = protect({ failureThreshold: 9 });
    const destroyed = await request(url, { dispatcher });
    destroyed.body.on('error', () => {});
    destroyed.body.destroy();
    const broken = await request(url, { dispatcher });
    server.closeAllConnections();
    await rejection(broken.body.text());
    assert.equal(breaker.getStats().totalFailures, 1);
  });

  it('counts a request that its caller aborts neither way, except for a timeout', async (test) => {
    const { url, seen } = await serve(test, () => {});
    const { breaker, dispatcher } = protect();
    for (const [call, reason] of [undefined, new Error('left')].entries()) {
      const leaving = new AbortController();
      const running = request(url, { dispatcher, signal: leaving.signal });
      await until(() => seen.length > call);
      leaving.abort(reason);
      assert.equal(await rejection(running), leaving.signal.reason);
    }
    const { totalFailures, totalSuccesses } = breaker.getStats();
    assert.deepEqual([totalFailures, totalSuccesses], [0, 0]);
    await rejection(request(url, { dispatcher, signal: AbortSignal.timeout(20) }));
    assert.equal(breaker.state, 'OPEN');
  });

  it('counts an invalid request neither way', async (test) => {
    const { url } = await serve(test, (_, response) => response.end());
    const { breaker, dispatcher } = protect({ classify: http() });
    await rejection(request(url, { dispatcher, headers: { 'no header': 'x' } }));
    await rejection(request(url, { dispatcher, method: 'NO METHOD' as never }));
    assert.equal(breaker.getStats().totalFailures, 0);
  });

  it('counts each attempt of a retry, and each request of a redirect', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => {
      if (path === '/moved') response.writeHead(302, { location: '/' }).end();
      else response.writeHead(seen.length < 4 ? 500 : 200).end();
    });
    const breaker = new CircuitBreaker({ failureThreshold: 9 });
    const dispatcher = new Agent().compose(
      circuitBreaker({ breakerFor: () => breaker }),
      interceptors.retry({ maxRetries: 3, minTimeout: 1 }),
      interceptors.redirect({ maxRedirections: 3 }),
    );
    assert.equal((await request(`${url}/moved`, { dispatcher })).statusCode, 200);
    const { totalFailures, totalSuccesses } = breaker.getStats();
    assert.deepEqual([totalFailures, totalSuccesses], [2, 2]);
  });

  it('counts an upgrade as a success', async (test) => {
    const service = await serve(test, () => {});
    service.server.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: it\r\n\r\n');
    });
    const { breaker, dispatcher } = protect();
    const { socket } = await upgrade(service.url, { dispatcher, protocol: 'it' });
    socket.destroy();
    assert.equal(breaker.getStats().totalSuccesses, 1);
  });

  it('works with a Client', async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(500).end());
    const client = new Client(url);
    const dispatcher = client.compose(circuitBreaker({ breaker: { failureThreshold: 1 } }));
    assert.equal((await dispatcher.request({ path: '/', method: 'GET' })).statusCode, 500);
    assert.ok((await rejection(dispatcher.request({ path: '/', method: 'GET' }))) instanceof CircuitOpenError);
    await client.close();
  });

  it('reports every invalid option at once', () => {
    const invalid = { breaker: { failureThreshold: 0 }, maxOpenTime: 'x', unknown: 1 };
    assert.throws(
      () => circuitBreaker(invalid as never),
      (error) => error instanceof OptionsError && error.problems.length === 3,
    );
  });
});
