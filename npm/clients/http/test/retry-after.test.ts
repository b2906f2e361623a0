import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { protectedFetch } from '@fusewire/http';
import type { OriginBreakerOptions } from '@fusewire/http';
import { CircuitOpenError } from 'fusewire';
import { rejection, turn } from '../../../../tests/clients/support.ts';

const url = 'http://127.0.0.1';

/** Client of a service without a network, on a clock that a test moves. */
function client(test: TestContext, respond: () => Promise<Response> | Response, breaker: OriginBreakerOptions = {}) {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let requests = 0;
  const get = protectedFetch({
    fetch: async () => (requests++, respond()),
    timeout: false,
    breaker: { clock: () => Date.now(), ...breaker },
  });
  return {
    get,
    get requests() {
      return requests;
    },
    /** Lets the requests that are under way get their responses, and then time pass. */
    async pass(milliseconds: number) {
      for (let count = 0; count < 20; count++) await turn();
      test.mock.timers.tick(milliseconds);
      for (let count = 0; count < 20; count++) await turn();
    },
  };
}

const tooMany = (seconds: number) =>
  new Response('too many', { status: 429, headers: { 'retry-after': `${seconds}` } });

describe('requests that wait for a Retry-After', () => {
  it('are admitted by degrees, and all get the response of the service', async (test) => {
    let running = 0;
    let most = 0;
    let isLimited = true;
    const service = client(
      test,
      async () => {
        if (isLimited) return tooMany(1);
        most = Math.max(most, ++running);
        await turn();
        running--;
        return new Response('served');
      },
      { successThreshold: 8 },
    );
    const calls = Array.from({ length: 10 }, async () => (await service.get(url)).text());
    await service.pass(0);
    assert.equal(service.requests, 10);
    isLimited = false;
    await service.pass(1_000);
    assert.deepEqual(await Promise.all(calls), Array(10).fill('served'));
    assert.ok(most <= 2, `${most} at once`);
  });

  it('are admitted although the circuit opens a little later than the first of them may repeat', async (test) => {
    let requests = 0;
    const service = client(test, () => (++requests <= 3 ? tooMany(1) : new Response('served')));
    const first = service.get(url);
    const second = service.get(url);
    await service.pass(0);
    const third = service.get(url);
    assert.ok((await rejection(third)) instanceof CircuitOpenError);
    await service.pass(1_000);
    await service.pass(1_000);
    await service.pass(1_000);
    assert.deepEqual([(await first).status, (await second).status], [200, 200]);
  });

  it('resolve with the 429 they have if the circuit opens for longer', async (test) => {
    let seconds = 1;
    const service = client(test, () => tooMany(seconds));
    const calls = Array.from({ length: 5 }, () => service.get(url));
    await service.pass(0);
    seconds = 3_600;
    await service.pass(1_000);
    const responses = await Promise.all(calls);
    assert.deepEqual(
      responses.map(({ status }) => status),
      Array(5).fill(429),
    );
    assert.deepEqual(await Promise.all(responses.map((response) => response.text())), Array(5).fill('too many'));
    assert.equal(service.requests, 6);
    assert.ok((await rejection(service.get(url))) instanceof CircuitOpenError);
  });

  it('leave when their caller aborts', async (test) => {
    let isLimited = true;
    const probes: ((response: Response) => void)[] = [];
    const service = client(test, () => (isLimited ? tooMany(1) : new Promise((resolve) => probes.push(resolve))));
    const leaving = new AbortController();
    // With a signal, too, so that the two wake up in the order of their arrival.
    const first = service.get(url, { signal: new AbortController().signal });
    const second = service.get(url, { signal: leaving.signal });
    await service.pass(0);
    isLimited = false;
    await service.pass(1_000);
    assert.equal(probes.length, 1);
    leaving.abort('left');
    assert.equal((await rejection(second)) as unknown, 'left');
    probes[0]?.(new Response('served'));
    assert.equal(await (await first).text(), 'served');
  });
});
