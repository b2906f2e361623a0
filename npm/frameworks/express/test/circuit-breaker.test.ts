import assert from 'node:assert/strict';
import { get } from 'node:http';
import { describe, it } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { circuitBreaker, disconnectSignal, refusals } from '@fusewire/express';
import { served } from './support.ts';

describe('circuitBreaker()', () => {
  it('counts responses of 500 and above as failures, and rejects requests while the circuit is open', async (test) => {
    const breaker = new CircuitBreaker({ name: 'orders', failureThreshold: 2, resetTimeout: 30_000 });
    const statuses = [200, 404, 500, 503];
    let runs = 0;
    const origin = await served(test, (app) => {
      app.get('/orders', circuitBreaker(breaker), (_request, response) => {
        response.sendStatus(statuses[runs++] ?? 200);
      });
      app.use(refusals());
    });
    const answers = [];
    for (let sent = 0; sent < 6; sent++) answers.push((await fetch(`${origin}/orders`)).status);
    assert.deepEqual(answers, [200, 404, 500, 503, 503, 503]);
    assert.equal(runs, 4);
    const { totalSuccesses, totalFailures, totalRejected } = breaker.getStats();
    assert.deepEqual([totalSuccesses, totalFailures, totalRejected], [2, 2, 2]);
  });

  it('counts a request whose route throws by the response of the error middleware', async (test) => {
    const breaker = new CircuitBreaker({ name: 'orders' });
    const origin = await served(test, (app) => {
      app.get('/orders', circuitBreaker(breaker), () => {
        throw Object.assign(new Error('no such order'), { status: 404 });
      });
    });
    assert.equal((await fetch(`${origin}/orders`)).status, 404);
    assert.equal(breaker.getStats().totalSuccesses, 1);
  });

  it('answers 504 when the call timeout passes, and ignores what the route sends afterwards', async (test) => {
    const breaker = new CircuitBreaker({ name: 'orders', timeout: 20 });
    const errors: unknown[] = [];
    let finish: (() => void) | undefined;
    const origin = await served(test, (app) => {
      app.get('/orders', circuitBreaker(breaker), async (_request, response) => {
        await new Promise<void>((resolve) => (finish = resolve));
        response.json({ late: true });
      });
      app.use(refusals());
      app.use((error: unknown, _request: unknown, _response: unknown, next: () => void) => {
        errors.push(error);
        next();
      });
    });
    const response = await fetch(`${origin}/orders`);
    assert.equal(response.status, 504);
    assert.equal(((await response.json()) as { status: number }).status, 504);
    finish?.();
    assert.equal((await fetch(`${origin}/none`)).status, 404);
    assert.deepEqual(errors, []);
    assert.equal(breaker.getStats().totalTimeouts, 1);
  });

  it('counts a request whose client goes neither way', async (test) => {
    const breaker = new CircuitBreaker({ name: 'orders' });
    const gone = new Promise<void>((resolve) => {
      void served(test, (app) => {
        app.get('/orders', circuitBreaker(breaker), (_request, response) => {
          disconnectSignal(response).addEventListener('abort', () => setImmediate(resolve));
          request.destroy();
        });
      }).then((origin) => {
        request = get(`${origin}/orders`).on('error', () => undefined);
      });
    });
    let request: ReturnType<typeof get>;
    await gone;
    const { totalSuccesses, totalFailures, totalIgnored } = breaker.getStats();
    assert.deepEqual([totalSuccesses, totalFailures, totalIgnored], [0, 0, 1]);
  });

  it('takes the breaker of each request from a function', async (test) => {
    const breakers = new Map(['a', 'b'].map((name) => [name, new CircuitBreaker({ name, failureThreshold: 1 })]));
    const origin = await served(test, (app) => {
      const breaker = circuitBreaker(({ url }) => breakers.get(url?.slice(1) ?? '') as CircuitBreaker);
      app.get('/:tenant', breaker, ({ params }, response) => {
        response.sendStatus(params['tenant'] === 'a' ? 500 : 200);
      });
      app.use(refusals());
    });
    const answers = [];
    for (const path of ['a', 'a', 'b']) answers.push((await fetch(`${origin}/${path}`)).status);
    assert.deepEqual(answers, [500, 503, 200]);
  });
});
