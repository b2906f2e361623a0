import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { breakersOf, protect } from '@fusewire/axios';
import axios, { AxiosError, isAxiosError } from 'axios';
import { OptionsError, BulkheadFullError, CircuitOpenError } from 'fusewire';
import { deadUrl, noRetry, rejection, serve, instantRetry, turn, until } from '../../../../tests/clients/support.ts';

/** Returns the state, the failures and the successes of the breaker of a URL. */
function countsOf(client: Parameters<typeof breakersOf>[0], url: string) {
  const { state, totalFailures, totalSuccesses } = breakersOf(client)!.for(url).getStats();
  return [state, totalFailures, totalSuccesses];
}

describe('protect()', () => {
  it('keeps the responses and the settings of the instance', async (test) => {
    const { url } = await serve(test, ({ path, body }, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ path, body }));
    });
    const instance = axios.create({ baseURL: url });
    const client = protect(instance);
    assert.equal(client, instance);
    const { data, status } = await client.post('/it', { a: 1 }, { params: { q: 1 } });
    assert.deepEqual([status, data], [200, { path: '/it?q=1', body: '{"a":1}' }]);
    assert.deepEqual(countsOf(client, url), ['CLOSED', 0, 1]);
    assert.equal(String((await client.get('data:text/plain,hello', { baseURL: '' })).data), 'hello');
  });

  it('sets limits that the instance leaves at their defaults', () => {
    const limitsOf = ({ defaults }: { defaults: object }) => {
      const { timeout, maxRedirects, maxContentLength, maxBodyLength } = defaults as Record<string, unknown>;
      return [timeout, maxRedirects, maxContentLength, maxBodyLength];
    };
    assert.deepEqual(limitsOf(protect(axios.create())), [30_000, 5, 52_428_800, 52_428_800]);
    const own = { timeout: 1, maxRedirects: 0, maxContentLength: 2, maxBodyLength: Number.POSITIVE_INFINITY };
    assert.deepEqual(limitsOf(protect(axios.create(own))), Object.values(own));
  });

  it('keeps the errors of axios, and opens no connection while the circuit is open', async (test) => {
    const service = await serve(test, ({ path }, response) => response.writeHead(Number(path.slice(1))).end('why'));
    const client = protect(axios.create({ baseURL: service.url }), { ...noRetry, breaker: { failureThreshold: 2 } });
    for (const status of [404, 500, 400, 502]) {
      const error = await rejection(client.get(`/${status}`));
      assert.ok(isAxiosError(error));
      assert.deepEqual([error.response?.status, error.response?.data], [status, 'why']);
    }
    assert.deepEqual(countsOf(client, service.url), ['OPEN', 2, 0]);
    const { sockets } = service;
    const error = await rejection(client.get('/200'));
    assert.ok(error instanceof CircuitOpenError);
    assert.ok(isAxiosError(error.cause));
    assert.equal(service.sockets, sockets);
    assert.equal(service.seen.length, 4);
  });

  it('counts a response by its status even if validateStatus accepts it', async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(429, { 'retry-after': '7' }).end('why'));
    let time = 0;
    const client = protect(axios.create({ validateStatus: () => true }), {
      ...noRetry,
      breaker: { clock: () => time },
    });
    const { status, data } = await client.get(url);
    assert.deepEqual([status, data], [429, 'why']);
    time = 6_999;
    assert.ok((await rejection(client.get(url))) instanceof CircuitOpenError);
    time = 7_000;
    assert.equal(breakersOf(client)?.for(url).state, 'HALF_OPEN');
  });

  it('closes the circuit after a successful probe', async (test) => {
    let time = 0;
    let status = 503;
    const { url } = await serve(test, (_, response) => response.writeHead(status).end());
    const client = protect(axios.create(), {
      ...noRetry,
      breaker: { failureThreshold: 1, successThreshold: 1, resetTimeout: 1_000, clock: () => time },
    });
    await rejection(client.get(url));
    status = 200;
    time = 1_000;
    const both = await Promise.allSettled([client.get(url), client.get(url)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.equal(breakersOf(client)?.for(url).state, 'CLOSED');
  });

  it('repeats idempotent requests, except with a stream as the body', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(seen.length < 3 ? 503 : 200).end());
    const client = protect(axios.create(), { ...instantRetry, breaker: { failureThreshold: 99 } });
    assert.equal((await client.put(url, { a: 1 })).status, 200);
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['{"a":1}', '{"a":1}', '{"a":1}'],
    );
    for (const send of [() => client.post(url, 'it'), () => client.put(url, Readable.from(['it']))]) {
      seen.length = 0;
      assert.equal(((await rejection(send())) as AxiosError).response?.status, 503);
      assert.equal(seen.length, 1);
    }
  });

  it('counts network errors and timeouts as failures', async (test) => {
    const dead = await deadUrl();
    const { url } = await serve(test, () => {});
    const client = protect(axios.create(), { ...noRetry, breaker: { failureThreshold: 1 } });
    assert.equal(((await rejection(client.get(dead))) as AxiosError).code, 'ECONNREFUSED');
    assert.equal(((await rejection(client.get(url, { timeout: 20 }))) as AxiosError).code, 'ECONNABORTED');
    for (const each of [dead, url]) assert.equal(breakersOf(client)?.for(each).state, 'OPEN');
  });

  it('counts a request that its caller aborts neither way, except for a timeout', async (test) => {
    const { url, seen } = await serve(test, () => {});
    const client = protect(axios.create(), { ...instantRetry, breaker: { failureThreshold: 1 } });
    const leaving = new AbortController();
    const call = client.get(url, { signal: leaving.signal });
    await until(() => seen.length === 1);
    leaving.abort(new Error('left'));
    assert.ok(axios.isCancel(await rejection(call)));
    assert.deepEqual(countsOf(client, url), ['CLOSED', 0, 0]);
    assert.ok(axios.isCancel(await rejection(client.get(url, { signal: AbortSignal.timeout(20) }))));
    assert.deepEqual(countsOf(client, url), ['OPEN', 1, 0]);
  });

  it("rejects with axios's cancellation if the caller aborts while a retry waits", async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(500).end());
    const client = protect(axios.create(), { retry: { delay: 60_000 } });
    const leaving = new AbortController();
    const call = client.get(url, { signal: leaving.signal });
    await until(() => breakersOf(client)?.for(url).getStats().totalFailures === 1);
    leaving.abort();
    assert.ok(axios.isCancel(await rejection(call)));
  });

  it('limits the connections of each origin', async (test) => {
    const waiting: (() => void)[] = [];
    const { url } = await serve(test, (_, response) => waiting.push(() => response.end()));
    const client = protect(axios.create(), { ...noRetry, connections: { limit: 1, queueSize: 1 } });
    const calls = [client.get(url), client.get(url)];
    assert.ok((await rejection(client.get(url))) instanceof BulkheadFullError);
    for (const [call, running] of calls.entries()) {
      await until(() => waiting.length > call);
      waiting[call]?.();
      await running;
    }
    await turn();
    assert.deepEqual(countsOf(client, url), ['CLOSED', 0, 2]);
  });

  it("counts requests that exceed axios's limits neither way", async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/round') response.writeHead(302, { location: '/round' }).end();
      else response.end('12345678');
    });
    const client = protect(axios.create({ maxContentLength: 7, maxBodyLength: 7 }), {
      ...noRetry,
      breaker: { failureThreshold: 1 },
    });
    for (const call of [() => client.get(`${url}/round`), () => client.get(url), () => client.post(url, '12345678')]) {
      assert.match((await rejection(call())).message, /exceeded|larger/);
    }
    assert.deepEqual(countsOf(client, url), ['CLOSED', 0, 0]);
  });

  it("works with axios's fetch adapter, and with a custom adapter", async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(500).end());
    const client = protect(axios.create({ adapter: 'fetch' }), { ...noRetry, breaker: { failureThreshold: 1 } });
    assert.equal(((await rejection(client.get(url))) as AxiosError).response?.status, 500);
    assert.ok((await rejection(client.get(url))) instanceof CircuitOpenError);
    const own = protect(axios.create({ adapter: (config) => Promise.reject(new AxiosError('no', 'EPIPE', config)) }), {
      ...noRetry,
      breaker: { failureThreshold: 1 },
    });
    assert.equal(((await rejection(own.get(url))) as AxiosError).code, 'EPIPE');
    assert.ok((await rejection(own.get(url))) instanceof CircuitOpenError);
  });

  it('rejects a value that is no instance, a protected instance, and invalid options', () => {
    assert.throws(() => protect({} as never), TypeError);
    const client = protect(axios.create());
    assert.throws(() => protect(client), /protected already/);
    assert.equal(breakersOf(axios.create()), undefined);
    assert.throws(
      () => protect(axios.create(), { breaker: { failureThreshold: 0 }, connections: 0, unknown: 1 } as never),
      (error) => error instanceof OptionsError && error.problems.length === 3,
    );
  });
});
