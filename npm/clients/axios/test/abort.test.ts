import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { breakersOf, protect } from '@fusewire/axios';
import axios, { isAxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { BulkheadFullError, CallTimeoutError, CircuitOpenError, RetriesExhaustedError } from 'fusewire';
import { noRetry, rejection, serve, turn, until } from '../../../../tests/clients/support.ts';

describe('the timeout of the breaker', () => {
  for (const adapter of ['http', 'fetch'] as const) {
    it(`ends each request of the ${adapter} adapter`, async (test) => {
      let open = 0;
      const { url } = await serve(test, (_, response) => {
        open++;
        response.on('close', () => open--);
      });
      const client = protect(axios.create({ adapter }), {
        breaker: { timeout: 100, failureThreshold: 99 },
        retry: { attempts: 3, delay: 1 },
      });
      assert.ok((await rejection(client.get(url))) instanceof CallTimeoutError);
      await until(() => open === 0);
    });
  }

  it('keeps the config of the caller in responses and errors', async (test) => {
    const { url } = await serve(test, ({ path }, response) => response.writeHead(Number(path.slice(1))).end());
    const configs: InternalAxiosRequestConfig[] = [];
    const client = axios.create();
    client.interceptors.request.use((config) => (configs.push(config), config));
    protect(client, noRetry);
    const { signal } = new AbortController();
    const { config } = await client.get(`${url}/200`, { signal });
    const error = await rejection(client.get(`${url}/404`, { signal }));
    assert.ok(isAxiosError(error));
    assert.deepEqual([config.signal, error.config?.signal], [signal, signal]);
    assert.equal(error.response?.config.signal, signal);
  });

  it('leaves the abort of a streamed response to the caller', async (test) => {
    const { url } = await serve(test, (_, response) => response.write('begin'));
    const leaving = new AbortController();
    const client = protect(axios.create(), noRetry);
    const { data } = await client.get<Readable>(url, { responseType: 'stream', signal: leaving.signal });
    await once(data, 'readable');
    const closed = once(data, 'close').catch((error: unknown) => error);
    data.on('error', () => {});
    leaving.abort();
    assert.ok(axios.isCancel(await closed));
    assert.equal(data.destroyed, true);
  });
});

describe('a cancelToken', () => {
  it('ends a request that waits for its retry', async (test) => {
    const { url } = await serve(test, (_, response) => response.writeHead(500).end());
    const client = protect(axios.create(), { retry: { delay: 60_000 } });
    const { token, cancel } = axios.CancelToken.source();
    const call = client.get(url, { cancelToken: token });
    await until(() => breakersOf(client)?.for(url).getStats().totalFailures === 1);
    cancel('left');
    const error = await rejection(call);
    assert.equal(error, token.reason);
    assert.equal(error.message, 'left');
  });

  it('ends a request that waits for a connection, and counts neither way', async (test) => {
    const { url, seen } = await serve(test, () => {});
    const client = protect(axios.create(), { ...noRetry, connections: { limit: 1, queueSize: 1 } });
    const first = axios.CancelToken.source();
    const second = axios.CancelToken.source();
    const calls = [first, second].map(({ token }) => rejection(client.get(url, { cancelToken: token })));
    await until(() => seen.length === 1);
    second.cancel();
    assert.ok(axios.isCancel(await calls[1]));
    first.cancel();
    assert.ok(axios.isCancel(await calls[0]));
    await turn();
    const { totalFailures, totalSuccesses } = breakersOf(client)!.for(url).getStats();
    assert.deepEqual([seen.length, totalFailures, totalSuccesses], [1, 0, 0]);
  });

  it('keeps no listener after the request', async (test) => {
    const { url } = await serve(test, (_, response) => response.end());
    const client = protect(axios.create());
    const { token } = axios.CancelToken.source();
    for (let call = 0; call < 3; call++) await client.get(url, { cancelToken: token });
    assert.deepEqual((token as { _listeners?: unknown[] })._listeners ?? [], []);
  });
});

describe('rejections', () => {
  it('are errors of axios with the config of the request', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path !== '/hang') response.writeHead(500).end();
    });
    const instance = () => axios.create({ baseURL: url });
    const slow = protect(instance(), { ...noRetry, breaker: { timeout: 20 }, connections: { limit: 1 } });
    const client = protect(instance(), { ...noRetry, breaker: { failureThreshold: 1 } });
    const hanging = rejection(slow.get('/hang'));
    const errors = [await rejection(slow.get('/full')), await hanging, await rejection(client.get('/500'))];
    errors.push(await rejection(client.get('/open')));
    const [full, late, failed, open] = errors;
    assert.ok(
      full instanceof BulkheadFullError && late instanceof CallTimeoutError && open instanceof CircuitOpenError,
    );
    assert.equal((failed as { response?: { status?: number } }).response?.status, 500);
    for (const [index, path] of ['/full', '/hang', '/500', '/open'].entries()) {
      const error: unknown = errors[index];
      assert.ok(isAxiosError(error), path);
      assert.equal(error.config?.url, path);
      assert.equal((error.toJSON() as { code?: unknown }).code, error.code);
    }
    assert.equal(JSON.parse(JSON.stringify(open)).breaker, url);
  });

  it('are errors of axios when every attempt has failed', async (test) => {
    const { url } = await serve(test, () => {});
    const client = protect(axios.create(), {
      breaker: { failureThreshold: 9, timeout: 20 },
      retry: { attempts: 2, delay: 1, exhausted: 'all-errors' },
    });
    const error = await rejection(client.get(url));
    assert.ok(error instanceof RetriesExhaustedError);
    assert.equal((error as { isAxiosError?: unknown }).isAxiosError, true);
  });
});
