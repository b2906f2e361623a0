import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { protectedFetch } from '@fusewire/http';
import { BulkheadFullError, CallTimeoutError } from 'fusewire';
import { noRetry, rejection, serve, turn } from '../../../../tests/clients/support.ts';

describe('connections', () => {
  const large = Buffer.alloc(1_000_000);

  it('are limited by origin, and held until the body is read', async (test) => {
    const { url } = await serve(test, (_, response) => response.end(large));
    const get = protectedFetch({ ...noRetry, maxInFlight: 2 });
    const [one, other] = await Promise.all([get(url), get(url)]);
    assert.ok((await rejection(get(url))) instanceof BulkheadFullError);
    assert.equal(get.breakerFor(url).getStats().totalFailures, 0);
    assert.equal((await one.arrayBuffer()).byteLength, large.length);
    const third = await get(url);
    assert.ok((await rejection(get(url))) instanceof BulkheadFullError);
    await other.body?.cancel();
    const fourth = await get(url);
    await Promise.all([third.arrayBuffer(), fourth.arrayBuffer()]);
  });

  it('are awaited in a queue, which a caller leaves when it aborts', async (test) => {
    const { url, seen } = await serve(test, (_, response) => response.end(large));
    const get = protectedFetch({ ...noRetry, maxInFlight: { limit: 1, queueSize: 1 } });
    const first = await get(url);
    const leaving = new AbortController();
    const waiting = get(url, { signal: leaving.signal });
    await turn();
    leaving.abort('left');
    assert.equal((await rejection(waiting)) as unknown, 'left');
    const next = get(url);
    await first.arrayBuffer();
    await (await next).arrayBuffer();
    assert.equal(seen.length, 2);
  });

  it('are released by unread small bodies, and by responses without a body', async (test) => {
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/none') response.writeHead(204).end();
      else response.end('small');
    });
    const get = protectedFetch({ ...noRetry, maxInFlight: { limit: 1, queueSize: 1 } });
    const unread: Response[] = [];
    for (let call = 0; call < 20; call++) unread.push(await get(call % 2 === 0 ? url : `${url}/none`));
    assert.equal(await unread[0]?.text(), 'small');
  });

  it('are released by a dropped response when it is garbage-collected', async (test) => {
    const { url } = await serve(test, (_, response) => response.end(large));
    const get = protectedFetch({ ...noRetry, maxInFlight: 1 });
    await get(url);
    assert.ok((await rejection(get(url))) instanceof BulkheadFullError);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let response: Response | undefined;
    const deadline = performance.now() + 60_000;
    while (response === undefined && performance.now() < deadline) {
      collect();
      await turn();
      response = await get(url).catch((error) => (assert.ok(error instanceof BulkheadFullError), undefined));
    }
    assert.equal((await response?.arrayBuffer())?.byteLength, large.length);
  });

  it('are released by attempts that fail, time out or are discarded', async (test) => {
    const { url, seen } = await serve(test, ({ path }, response) => {
      if (path === '/hang' || seen.length % 2 === 0) return;
      response.writeHead(500).end(large);
    });
    const get = protectedFetch({
      ...{ timeout: 20, retry: { attempts: 3, delay: 0 }, maxInFlight: { limit: 1 } },
      breaker: { failureThreshold: 99 },
    });
    for (let call = 0; call < 5; call++) {
      const error = await get(url).then(
        ({ body }) => body?.cancel(),
        (reason) => reason,
      );
      assert.ok(error === undefined || error instanceof CallTimeoutError, String(error));
    }
    assert.ok((await rejection(get(`${url}/hang`))) instanceof CallTimeoutError);
  });
});

describe('connections of a random mix of requests', () => {
  const LIMIT = 5;
  const TIMEOUT = 40;

  it('are all released', async (test) => {
    // Time passes only when the server lets a request hang, so that no outcome depends on the speed of the machine.
    test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    const large = Buffer.alloc(300_000);
    const { url } = await serve(test, ({ path }, response) => {
      if (path === '/hang') return void setImmediate(() => test.mock.timers.tick(TIMEOUT));
      if (path === '/large') return void response.end(large);
      if (path === '/moved') return void response.writeHead(302, { location: '/large' }).end(large);
      if (path === '/broken') {
        response.writeHead(200, { 'content-length': 1_000_000 }).write(large);
        return void setImmediate(() => response.destroy());
      }
      response.writeHead(Number(path.slice(1))).end(path === '/200' ? 'fine' : large);
    });
    const get = protectedFetch({
      ...{ timeout: TIMEOUT, totalTimeout: false, maxResponseSize: 400_000, retry: { attempts: 2, delay: 0 } },
      maxInFlight: { limit: LIMIT, queueSize: 1_000 },
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
