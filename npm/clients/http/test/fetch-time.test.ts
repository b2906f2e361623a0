import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { RequestTimeoutError, protectedFetch } from '@fusewire/http';
import { CallTimeoutError } from 'fusewire';
import { deadUrl, noRetry, rejection, serve, instantRetry, turn, until } from '../../../../tests/clients/support.ts';

describe('timeouts and aborts', () => {
  it('count a dependency that hangs as a failure', async (test) => {
    const { url } = await serve(test, () => {});
    const get = protectedFetch({ ...noRetry, timeout: 20, breaker: { failureThreshold: 1 } });
    assert.ok((await rejection(get(url))) instanceof CallTimeoutError);
    assert.equal(get.breakerFor(url).state, 'OPEN');
  });

  it("count a timeout of the caller's signal as a failure, and repeat nothing", async (test) => {
    const { url } = await serve(test, () => {});
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 9 } });
    const error = await rejection(get(url, { signal: AbortSignal.timeout(20) }));
    assert.equal(error.name, 'TimeoutError');
    assert.equal(get.breakerFor(url).getStats().totalFailures, 1);
  });

  it('count a request that its caller aborts neither way, whatever the reason', async (test) => {
    const service = await serve(test, () => {});
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 1 } });
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

  it('end the wait before a retry, and count nothing more', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.writeHead(500).end());
    const get = protectedFetch({ retry: { delay: 60_000 }, breaker: { failureThreshold: 9 } });
    const leaving = new AbortController();
    const call = get(url, { signal: leaving.signal });
    await until(() => get.breakerFor(url).getStats().totalFailures === 1);
    leaving.abort('left');
    assert.equal((await rejection(call)) as unknown, 'left');
    assert.equal(seen.length, 1);
    const timeout = new AbortController();
    const late = get(url, { signal: timeout.signal });
    await until(() => get.breakerFor(url).getStats().totalFailures === 2);
    timeout.abort(new DOMException('late', 'TimeoutError'));
    assert.equal((await rejection(late)).name, 'TimeoutError');
    assert.equal(get.breakerFor(url).getStats().totalFailures, 2);
  });

  it('leave no listener on a signal that many requests share', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/moved') response.writeHead(302, { location: '/500' }).end();
      else response.writeHead(500).end('why');
    });
    const { signal } = new AbortController();
    const get = protectedFetch({ ...instantRetry, breaker: { failureThreshold: 999 } });
    for (let call = 0; call < 20; call++) await (await get(`${url}/moved`, { signal })).text();
    await rejection(get(await deadUrl(), { signal }));
    await turn();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('break a body whose next chunk is late, and count a failure', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const { url } = await serve(test, (_, response) => void response.write('begun'));
    const get = protectedFetch({ ...noRetry, timeout: 50 });
    const { body } = await get(url);
    const reader = body?.getReader();
    const chunk = await reader?.read();
    assert.equal(new TextDecoder().decode(chunk?.value), 'begun');
    const next = rejection(reader?.read() ?? Promise.resolve());
    await turn();
    test.mock.timers.tick(49);
    await turn();
    assert.equal(get.breakerFor(url).getStats().totalFailures, 0);
    test.mock.timers.tick(1);
    assert.ok((await next) instanceof RequestTimeoutError);
    assert.equal(get.breakerFor(url).getStats().totalFailures, 1);
  });

  it('count a body that breaks as a failure, unless the caller aborts it', async (test) => {
    const { url, server } = await serve(test, (_, response) => void response.write('begun'));
    const get = protectedFetch(noRetry);
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
