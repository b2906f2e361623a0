import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isBodyTooLargeError, isRedirectError, isRequestTimeoutError, kindOf, protectedFetch } from '@fusewire/http';
import {
  CircuitBreaker,
  isBreakerOptionsError,
  isBulkheadFullError,
  isCallTimeoutError,
  isCircuitOpenError,
} from 'fusewire';
import { deadUrl, rejection, serve, turn, until } from './support.ts';

const once = { retry: false } as const;
const soon = { retry: { attempts: 4, delay: 0 } } as const;

describe('protectedFetch', () => {
  it('can stand where fetch stands', async (test) => {
    const { url } = await serve(test, ({ method, body }, response) => response.end(JSON.stringify({ method, body })));
    const drop: typeof fetch = protectedFetch();
    const plain = await fetch(`${url}/it?q=1`, { method: 'POST', body: 'b' });
    const response = await drop(`${url}/it?q=1`, { method: 'POST', body: 'b' });
    assert.ok(response instanceof Response);
    assert.deepEqual(
      [response.url, response.status, response.statusText, response.redirected, response.type, response.ok],
      [plain.url, plain.status, plain.statusText, plain.redirected, plain.type, plain.ok],
    );
    assert.equal(response.clone().url, plain.url);
    assert.deepEqual(await response.clone().json(), await plain.json());
    assert.deepEqual(await response.json(), { method: 'POST', body: 'b' });
    const request = new Request(`${url}/it`, { method: 'PUT', body: 'of a request' });
    assert.deepEqual(await (await drop(request)).json(), { method: 'PUT', body: 'of a request' });
    assert.deepEqual(await (await drop(new URL(url))).json(), { method: 'GET', body: '' });
    assert.equal(await (await drop('data:text/plain,hello')).text(), 'hello');
  });

  it('resolves whatever the status, and counts 5xx', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      response.statusCode = Number(path.slice(1));
      response.end('why');
    });
    const get = protectedFetch({ ...once, breaker: { failureThreshold: 3 } });
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
    const get = protectedFetch({ ...once, breaker: { failureThreshold: 1 } });
    await get(service.url);
    const { sockets } = service;
    for (let call = 0; call < 20; call++) {
      const error = await rejection(get(service.url));
      assert.ok(isCircuitOpenError(error));
      assert.equal(error.breaker, service.url);
    }
    assert.equal(service.sockets, sockets);
    assert.equal(service.seen.length, 1);
  });

  it('has a circuit for each origin', async (test) => {
    const bad = await serve(test, (_, response) => response.writeHead(500).end());
    const good = await serve(test, (_, response) => response.end('fine'));
    const get = protectedFetch({ ...once, breaker: { failureThreshold: 1 } });
    await get(bad.url);
    await rejection(get(`${bad.url}/other`));
    assert.equal(await (await get(good.url)).text(), 'fine');
    assert.deepEqual([...get.registry.getAll().keys()], [bad.url, good.url]);
  });

  it('keeps no more origins than it may', async (test) => {
    const { server, url } = await serve(test, (_, response) => response.end());
    const { port } = server.address() as { port: number };
    const get = protectedFetch({ ...once, keyed: { max: 3 }, fetch: () => fetch(url) });
    for (let host = 0; host < 20; host++) await get(`http://host-${host}.test:${port}`);
    assert.equal(get.registry.size, 3);
  });

  it('takes options for some origins, and breakers of the caller', async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(500).end());
    const own = new CircuitBreaker({ name: 'own', failureThreshold: 2 });
    const get = protectedFetch({
      ...once,
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

  it('probes when the open time is over', async (test) => {
    let time = 0;
    let status = 500;
    const service = await serve(test, (_, response) => response.writeHead(status).end());
    const get = protectedFetch({
      ...once,
      breaker: { failureThreshold: 1, successThreshold: 1, resetTimeout: 1_000, clock: () => time },
    });
    await get(service.url);
    status = 200;
    time = 1_000;
    assert.equal(get.breakerFor(service.url).state, 'HALF_OPEN');
    const [one, other] = await Promise.allSettled([get(service.url), get(service.url)]);
    assert.equal(one.status, 'fulfilled');
    assert.ok(other.status === 'rejected' && isCircuitOpenError(other.reason));
    assert.equal(get.breakerFor(service.url).state, 'CLOSED');
  });

  it('opens for as long as Retry-After says', async (test) => {
    let time = 0;
    const { url } = await serve(test, (_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const get = protectedFetch({ ...once, breaker: { clock: () => time } });
    assert.equal((await get(url)).status, 429);
    assert.equal(get.breakerFor(url).state, 'OPEN');
    time = 6_999;
    assert.ok(isCircuitOpenError(await rejection(get(url))));
    time = 7_000;
    assert.equal(get.breakerFor(url).state, 'HALF_OPEN');
  });

  it('leaves what is no fault of the dependency uncounted', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...once, breaker: { failureThreshold: 1 } });
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
    assert.equal(get.registry.size, 0);
  });

  it('tells everything that is wrong with its options at once', () => {
    const wrong = {
      ...{ timeout: 0, maxRedirects: 21, maxRequestSize: -1, maxResponseSize: 0.5, fetch: 1, unknown: 1 },
      ...{ breaker: { failureThreshold: 0 }, origins: { 'api.example.org': {}, 'http://a': { resetTimeout: 'x' } } },
      ...{ breakerFor: 'x', keyed: { max: 0 }, connections: { limit: 0 }, retry: { attempts: 0 }, retryMethods: 'GET' },
    };
    assert.throws(
      () => protectedFetch(wrong as never),
      (error) => {
        assert.ok(isBreakerOptionsError(error));
        assert.deepEqual(error.problems.map(({ option }) => option).sort(), [
          'breaker.failureThreshold',
          'breakerFor',
          'connections.limit',
          'fetch',
          'keyed.max',
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
    assert.throws(() => protectedFetch({ connections: 0 }), /connections/);
    assert.throws(() => protectedFetch(5 as never), isBreakerOptionsError);
  });
});

describe('repetition', () => {
  it('makes a request again that may be made again, and hands over the answer', async (test) => {
    const { url, seen } = await serve(test, (_, response) => {
      response.writeHead(seen.length < 3 ? 503 : 200).end(`answer ${seen.length}`);
    });
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 9 } });
    const response = await get(url, { method: 'PUT', body: 'it' });
    assert.equal(await response.text(), 'answer 3');
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['it', 'it', 'it'],
    );
  });

  it('ends with the last response', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(503).end(`answer ${seen.length}`));
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 9 } });
    const response = await get(url);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), 'answer 4');
    assert.equal(seen.length, 4);
  });

  it('waits 1, 2 and 4 seconds unless told otherwise', async (test) => {
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

  it('takes no POST twice unless told so, and nothing that will not change', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => response.writeHead(Number(path.slice(1))).end());
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 99 } });
    await get(`${url}/500`, { method: 'POST', body: 'it' });
    assert.equal(seen.length, 1);
    for (const status of [404, 501]) await get(`${url}/${status}`);
    assert.equal(seen.length, 3);
    const all = protectedFetch({ ...soon, retryMethods: ['post'], breaker: { failureThreshold: 99 } });
    await all(`${url}/500`, { method: 'POST', body: 'it' });
    assert.equal(seen.length, 7);
  });

  it('sends no stream twice', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(500).end());
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 99 } });
    const stream = new Blob(['streamed']).stream();
    const response = await get(url, { method: 'PUT', body: stream, duplex: 'half' } as RequestInit);
    assert.equal(response.status, 500);
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['streamed'],
    );
  });

  it('repeats what fetch rejects with of which nothing else is known, as outside of Node', async () => {
    let attempts = 0;
    const lost = new TypeError('error sending request');
    const get = protectedFetch({ ...soon, fetch: () => (attempts++, Promise.reject(lost)) });
    assert.equal(await rejection(get('http://127.0.0.1')), lost);
    assert.equal(attempts, 4);
    assert.equal(kindOf(lost), 'network');
  });

  it('ends when the circuit opens', async () => {
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 2 } });
    const error = await rejection(get(await deadUrl()));
    assert.ok(isCircuitOpenError(error));
    assert.equal((error.cause as { cause: { code: string } }).cause.code, 'ECONNREFUSED');
  });

  it('waits for Retry-After, and gives up where that is too long', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => {
      if (seen.length === 1) response.writeHead(503, { 'retry-after': path.slice(1) });
      response.end();
    });
    const get = protectedFetch({ ...soon, breaker: { successThreshold: 1 } });
    assert.equal((await get(`${url}/1`)).status, 200);
    assert.equal(seen.length, 2);
    seen.length = 0;
    assert.equal((await get(`${url}/31`)).status, 503);
    assert.equal(seen.length, 1);
  });
});

describe('time and aborts', () => {
  it('a dependency that hangs is a failure', async (test) => {
    const { url } = await serve(test, () => {});
    const get = protectedFetch({ ...once, timeout: 20, breaker: { failureThreshold: 1 } });
    assert.ok(isCallTimeoutError(await rejection(get(url))));
    assert.equal(get.breakerFor(url).state, 'OPEN');
  });

  it('so it is where the caller brings the timeout, and no attempt follows', async (test) => {
    const { url, seen } = await serve(test, () => {});
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 1 } });
    const error = await rejection(get(url, { signal: AbortSignal.timeout(20) }));
    assert.equal(error.name, 'TimeoutError');
    assert.equal(get.breakerFor(url).state, 'OPEN');
    assert.equal(seen.length, 1);
  });

  it('a caller that leaves counts neither way, whatever the reason', async (test) => {
    const service = await serve(test, () => {});
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 1 } });
    for (const reason of [undefined, new Error('left'), 'left', Object.assign(new Error(), { code: 'ECONNRESET' })]) {
      const leaving = new AbortController();
      const seen = service.seen.length;
      const call = get(service.url, { signal: leaving.signal });
      await until(() => service.seen.length > seen);
      leaving.abort(reason);
      assert.equal(await rejection(call), leaving.signal.reason);
    }
    const stats = get.breakerFor(service.url).getStats();
    assert.deepEqual([stats.state, stats.totalFailures, stats.totalSuccesses], ['CLOSED', 0, 0]);
    assert.equal((await rejection(get(service.url, { signal: AbortSignal.abort('early') }))) as unknown, 'early');
  });

  it('a caller that leaves while the request only waits to be repeated', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(500).end());
    const get = protectedFetch({ retry: { delay: 60_000 }, breaker: { failureThreshold: 9 } });
    const leaving = new AbortController();
    const call = get(url, { signal: leaving.signal });
    await until(() => get.breakerFor(url).getStats().totalFailures === 1);
    leaving.abort('left');
    assert.equal((await rejection(call)) as unknown, 'left');
    assert.equal(seen.length, 1);
    const late = get(url, { signal: AbortSignal.timeout(50) });
    assert.equal((await rejection(late)).name, 'TimeoutError');
    assert.equal(get.breakerFor(url).getStats().totalFailures, 2);
  });

  it('leave nothing behind on a signal that many requests share', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/moved') response.writeHead(302, { location: '/500' }).end();
      else response.writeHead(500).end('why');
    });
    const { signal } = new AbortController();
    const get = protectedFetch({ ...soon, breaker: { failureThreshold: 999 } });
    for (let call = 0; call < 20; call++) await (await get(`${url}/moved`, { signal })).text();
    await rejection(get(await deadUrl(), { signal }));
    await turn();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('a body that stops coming breaks, and counts', async (test) => {
    const { url } = await serve(test, (_, response) => void response.write('begun'));
    const get = protectedFetch({ ...once, timeout: 50 });
    const response = await get(url);
    assert.ok(isRequestTimeoutError(await rejection(response.text())));
    assert.equal(get.breakerFor(url).getStats().totalFailures, 1);
  });

  it('a body that breaks off counts, unless the caller breaks it off', async (test) => {
    const { url, server } = await serve(test, (_, response) => void response.write('begun'));
    const get = protectedFetch(once);
    const leaving = new AbortController();
    const left = await get(url, { signal: leaving.signal });
    leaving.abort();
    assert.equal((await rejection(left.text())).name, 'AbortError');
    assert.equal(get.breakerFor(url).getStats().totalFailures, 0);
    const broken = await get(url);
    server.closeAllConnections();
    assert.ok((await rejection(broken.text())) instanceof TypeError);
    assert.equal(get.breakerFor(url).getStats().totalFailures, 1);
  });
});

describe('connections', () => {
  const large = Buffer.alloc(1_000_000);

  it('are limited for each origin, and count until the body is read', async (test) => {
    const { url } = await serve(test, (_, response) => response.end(large));
    const get = protectedFetch({ ...once, connections: 2 });
    const [one, other] = await Promise.all([get(url), get(url)]);
    assert.ok(isBulkheadFullError(await rejection(get(url))));
    assert.equal(get.breakerFor(url).getStats().totalFailures, 0);
    assert.equal((await one.arrayBuffer()).byteLength, large.length);
    const third = await get(url);
    assert.ok(isBulkheadFullError(await rejection(get(url))));
    await other.body?.cancel();
    const fourth = await get(url);
    await Promise.all([third.arrayBuffer(), fourth.arrayBuffer()]);
  });

  it('wait in a queue that is left when the caller leaves', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end(large));
    const get = protectedFetch({ ...once, connections: { limit: 1, queueSize: 1 } });
    const first = await get(url);
    const leaving = new AbortController();
    const waiting = get(url, { signal: leaving.signal });
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort('left');
    assert.equal((await rejection(waiting)) as unknown, 'left');
    const next = get(url);
    await first.arrayBuffer();
    await (await next).arrayBuffer();
    assert.equal(seen.length, 2);
  });

  it('are not kept by small bodies that nobody reads, nor by what has none', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/none') response.writeHead(204).end();
      else response.end('small');
    });
    const get = protectedFetch({ ...once, connections: { limit: 1, queueSize: 1 } });
    const unread: Response[] = [];
    for (let call = 0; call < 20; call++) unread.push(await get(call % 2 === 0 ? url : `${url}/none`));
    assert.equal(await unread[0]?.text(), 'small');
  });

  it('are given back by responses that are dropped, once they are collected', async (test) => {
    const { url } = await serve(test, (_, response) => response.end(large));
    const get = protectedFetch({ ...once, connections: 1 });
    await get(url);
    assert.ok(isBulkheadFullError(await rejection(get(url))));
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let response: Response | undefined;
    for (let round = 0; round < 500 && response === undefined; round++) {
      collect();
      await turn();
      response = await get(url).catch((error) => (assert.ok(isBulkheadFullError(error)), undefined));
    }
    assert.equal((await response?.arrayBuffer())?.byteLength, large.length);
  });

  it('are given back by attempts that fail, time out or are thrown away', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => {
      if (path === '/hang' || seen.length % 2 === 0) return;
      response.writeHead(500).end(large);
    });
    const get = protectedFetch({
      ...{ timeout: 20, retry: { attempts: 3, delay: 0 }, connections: { limit: 1 } },
      breaker: { failureThreshold: 99 },
    });
    for (let call = 0; call < 5; call++) {
      const error = await get(url).then(
        ({ body }) => body?.cancel(),
        (reason) => reason,
      );
      assert.ok(error === undefined || isCallTimeoutError(error), String(error));
    }
    assert.ok(isCallTimeoutError(await rejection(get(`${url}/hang`))));
  });
});

describe('whatever becomes of requests', () => {
  const LIMIT = 5;

  it('every connection comes back', async (test) => {
    const large = Buffer.alloc(300_000);
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/hang') return;
      if (path === '/large') return void response.end(large);
      if (path === '/moved') return void response.writeHead(302, { location: '/large' }).end(large);
      if (path === '/broken') {
        response.writeHead(200, { 'content-length': 1_000_000 }).write(large);
        return void setImmediate(() => response.destroy());
      }
      response.writeHead(Number(path.slice(1))).end(path === '/200' ? 'fine' : large);
    });
    const get = protectedFetch({
      ...{ timeout: 40, maxResponseSize: 400_000, retry: { attempts: 2, delay: 0 } },
      connections: { limit: LIMIT, queueSize: 1_000 },
      breaker: { failureThreshold: 1_000_000 },
    });
    const paths = ['/200', '/500', '/503', '/404', '/large', '/moved', '/broken', '/hang'];
    const uses: readonly ((response: Response) => Promise<unknown> | undefined)[] = [
      (response: Response) => response.arrayBuffer(),
      (response: Response) => response.body?.cancel(),
      async (response: Response) => {
        const reader = response.body?.getReader();
        await reader?.read();
        await reader?.cancel('enough');
      },
    ];
    let seed = 7;
    const any = <T>(list: readonly T[]): T => list[(seed = (seed * 16_807) % 2_147_483_647) % list.length] as T;
    const one = async (): Promise<void> => {
      const leaving = new AbortController();
      const use = any(uses);
      const call = get(`${url}${any(paths)}`, { signal: leaving.signal }).then(use);
      const late = any([false, false, true])
        ? setTimeout(() => leaving.abort(new Error('left')), any([0, 1, 5, 20]))
        : 0;
      await call.catch(() => {});
      clearTimeout(late);
    };
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 40 }, one));
    const all = await Promise.all(Array.from({ length: LIMIT }, () => get(`${url}/large`)));
    const { totalFailures, totalSuccesses } = get.breakerFor(url).getStats();
    assert.ok(totalFailures > 50 && totalSuccesses > 50);
    const waiting = get(`${url}/200`);
    await Promise.all(all.map((response) => response.arrayBuffer()));
    assert.equal(await (await waiting).text(), 'fine');
  });
});

describe('sizes', () => {
  it('of a response are limited by what it says', async (test) => {
    const { url } = await serve(test, (_, response) => response.end('12345678'));
    const get = protectedFetch({ ...once, maxResponseSize: 7 });
    const error = await rejection(get(url));
    assert.ok(isBodyTooLargeError(error));
    assert.deepEqual([error.body, error.limit], ['response', 7]);
    assert.equal(await (await protectedFetch({ maxResponseSize: 8 })(url)).text(), '12345678');
    assert.equal((await get(url, { method: 'HEAD' })).status, 200);
  });

  it('of a response are limited by what comes, and the rest is not fetched', async (test) => {
    let closed = false;
    const { url } = await serve(test, async (_, response) => {
      response.on('close', () => (closed = true));
      const chunk = Buffer.alloc(65_536);
      while (!closed) await new Promise((resolve) => response.write(chunk, resolve));
    });
    const get = protectedFetch({ ...once, maxResponseSize: 1_000_000, connections: 1 });
    const response = await get(url);
    assert.ok(isBodyTooLargeError(await rejection(response.arrayBuffer())));
    await until(() => closed);
    const stats = get.breakerFor(url).getStats();
    assert.deepEqual([stats.totalFailures, stats.totalSuccesses], [0, 1]);
  });

  it('of a request are limited before it is sent', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...once, maxRequestSize: 7, breaker: { failureThreshold: 1 } });
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
      assert.ok(isBodyTooLargeError(error) && error.body === 'request', String(error));
    }
    assert.equal(seen.length, 0);
    await get(url, { method: 'POST', body: '1234567' });
    assert.equal(seen.length, 1);
  });

  it('of a request that is a stream are limited while it is sent', async (test) => {
    const { url } = await serve(test, (_, response) => response.end());
    const get = protectedFetch({ ...once, maxRequestSize: 7, breaker: { failureThreshold: 1 } });
    async function* chunks() {
      for (let chunk = 0; chunk < 3; chunk++) yield new Uint8Array(3);
    }
    for (const body of [new Blob(['12345678']).stream(), chunks() as never]) {
      const error = await rejection(get(url, { method: 'POST', body, duplex: 'half' } as RequestInit));
      assert.ok(isBodyTooLargeError(error), String(error));
    }
    assert.equal(get.breakerFor(url).state, 'CLOSED');
  });
});

describe('redirects', () => {
  it('are followed five times, each through the breaker of where it leads', async (test) => {
    const other = await serve(test, (_, response) => response.end('there'));
    const { url } = await serve(test, ({ path }, response) => {
      const step = Number(path.slice(1));
      response.writeHead(302, { location: step < 4 ? `/${step + 1}` : `${other.url}/end#there` }).end();
    });
    const get = protectedFetch(once);
    const response = await get(`${url}/0#here`);
    assert.deepEqual([await response.text(), response.redirected, response.url], ['there', true, `${other.url}/end`]);
    assert.equal(get.breakerFor(url).getStats().totalSuccesses, 5);
    assert.equal(get.breakerFor(other.url).getStats().totalSuccesses, 1);
  });

  it('that lead in a circle end, and are no failure', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(302, { location: '/' }).end());
    const get = protectedFetch({ ...soon, connections: 1 });
    const error = await rejection(get(url));
    assert.ok(isRedirectError(error));
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
    it(`by ${status}: ${method} becomes ${then}, as with fetch`, async (test) => {
      const { url, seen } = await serve(test, ({ path }, response) => {
        if (path === '/') response.writeHead(status, { location: '/end' });
        response.end();
      });
      const init = {
        method,
        ...(method === 'HEAD' ? {} : { body: 'it' }),
        headers: { 'content-type': 'text/x', 'content-language': 'en', 'x-own': '1' },
      };
      for (const call of [fetch, protectedFetch(once)]) await (await call(url, init)).arrayBuffer();
      const [, plain, , ours] = seen;
      assert.deepEqual(ours, plain);
      assert.deepEqual([ours?.method, ours?.body], [then, body]);
      assert.equal(ours?.headers['content-language'], then === 'GET' ? undefined : 'en');
    });
  }

  it('take nothing secret along to another origin', async (test) => {
    const other = await serve(test, (_, response) => response.end());
    const service = await serve(test, ({ path }, response) => {
      const location = path === '/away' ? other.url : '/end';
      if (path !== '/end') response.writeHead(307, { location });
      response.end();
    });
    const headers = { authorization: 'Bearer it', cookie: 'it=1', 'x-own': '1' };
    const get = protectedFetch(once);
    await get(`${service.url}/`, { headers });
    assert.equal(service.seen[1]?.headers.authorization, 'Bearer it');
    await get(`${service.url}/away`, { headers });
    const { authorization, cookie, 'x-own': own } = other.seen[0]?.headers ?? {};
    assert.deepEqual([authorization, cookie, own], [undefined, undefined, '1']);
  });

  it('are refused where they may not lead, and left alone where they are not wanted', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      const location = { '/file': 'file:///etc/hosts', '/none': undefined, '/secret': 'http://a:b@127.0.0.1/' }[path];
      response.writeHead(307, { ...(path === '/none' ? {} : { location: location ?? '/end' }) }).end();
    });
    const get = protectedFetch(once);
    for (const path of ['/file', '/secret']) assert.ok(isRedirectError(await rejection(get(`${url}${path}`))), path);
    assert.equal((await get(`${url}/none`)).status, 307);
    assert.equal((await get(url, { redirect: 'manual' })).status, 307);
    assert.ok(isRedirectError(await rejection(get(url, { redirect: 'error' }))));
    const stream = { method: 'POST', body: new Blob(['it']).stream(), duplex: 'half' } as RequestInit;
    assert.ok(isRedirectError(await rejection(get(url, stream))));
  });
});
