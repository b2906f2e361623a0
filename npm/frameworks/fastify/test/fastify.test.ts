import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { BreakerRegistry, OptionsError } from 'fusewire';
import { fusewire } from '@fusewire/fastify';
import type { FusewireOptions } from '@fusewire/fastify';

/** Returns an application with the plugin. The test closes it. */
async function application(
  test: TestContext,
  options: FusewireOptions = {},
  server: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify(server);
  test.after(() => app.close());
  await app.register(fusewire, options);
  return app;
}

const statuses = async (app: FastifyInstance, url: string, count: number) => {
  const seen = [];
  for (let sent = 0; sent < count; sent++) seen.push((await app.inject({ url })).statusCode);
  return seen;
};

describe('app.circuitBreaker()', () => {
  it('rejects requests with the code of @fastify/circuit-breaker after failures in a row', async (test) => {
    const app = await application(test);
    const answers = [500, 200, 500, 500, 500];
    let runs = 0;
    const preHandler = app.circuitBreaker({ threshold: 3, resetTimeout: 30_000 });
    app.get('/orders/:id', { preHandler }, (_request, reply) => reply.code(answers[runs++] ?? 200).send('x'));
    assert.deepEqual(await statuses(app, '/orders/7', 6), [500, 200, 500, 500, 500, 503]);
    const response = await app.inject({ url: '/orders/8' });
    assert.equal(response.headers['retry-after'], '30');
    assert.equal(response.headers['content-type'], 'application/problem+json');
    const { status, detail, code, retryAfter } = response.json();
    assert.deepEqual(
      { status, detail, code, retryAfter },
      { status: 503, detail: 'Circuit open', code: 'FST_ERR_CIRCUIT_BREAKER_OPEN', retryAfter: 30 },
    );
    assert.deepEqual(
      [...app.breakers].map(([name]) => name),
      ['GET /orders/:id'],
    );
    assert.equal(runs, 5);
  });

  it('answers 504 when the timeout passes, although the route goes on', async (test) => {
    const logged: string[] = [];
    const stream = { write: (line: string) => void logged.push(line) };
    const app = await application(test, {}, { logger: { level: 'warn', stream } });
    let finish: (() => void) | undefined;
    const preHandler = app.circuitBreaker({ timeout: 20, timeoutErrorMessage: 'too slow' });
    app.get('/slow', { preHandler }, async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return { late: true };
    });
    const response = await app.inject({ url: '/slow' });
    assert.deepEqual([response.statusCode, response.json().detail], [504, 'too slow']);
    finish?.();
    await new Promise(setImmediate);
    assert.deepEqual(
      logged.filter((line) => !line.includes('too slow')),
      [],
    );
    assert.equal(app.breakers.get('GET /slow')?.getStats().totalTimeouts, 1);
  });

  it('sends the answers of onCircuitOpen and onTimeout', async (test) => {
    const app = await application(test, { timeout: 20, threshold: 1 });
    const preHandler = app.circuitBreaker({
      onTimeout: (_request, reply) => (reply.code(200), 'late'),
      onCircuitOpen: async (_request, reply) => (reply.code(206), 'open'),
    });
    app.get('/slow', { preHandler }, () => new Promise(() => undefined));
    const late = await app.inject({ url: '/slow' });
    assert.deepEqual([late.statusCode, late.body], [200, 'late']);
    app.breakers.get('GET /slow')?.forceOpen();
    const open = await app.inject({ url: '/slow' });
    assert.deepEqual([open.statusCode, open.body], [206, 'open']);
  });

  it('hands the error of a callback to the error handler', async (test) => {
    const app = await application(test);
    const preHandler = app.circuitBreaker({
      timeout: 20,
      onTimeout: () => {
        throw new Error('callback failed');
      },
    });
    app.get('/slow', { preHandler }, () => new Promise(() => undefined));
    const response = await app.inject({ url: '/slow' });
    assert.deepEqual([response.statusCode, response.json().message], [500, 'callback failed']);
  });
});

describe('the plugin', () => {
  it('leaves other errors to the error handler that was there before', async (test) => {
    const app = Fastify();
    test.after(() => app.close());
    app.setErrorHandler((error, _request, reply) => reply.code(418).send({ mine: (error as Error).message }));
    await app.register(fusewire);
    app.get('/fails', () => Promise.reject(new Error('x')));
    app.get('/held', () => {
      app.breakers.for('held').forceOpen();
      return app.breakers.for('held').execute(() => 1);
    });
    assert.deepEqual((await app.inject({ url: '/fails' })).json(), { mine: 'x' });
    assert.equal((await app.inject({ url: '/held' })).statusCode, 503);
  });

  it('leaves every error to your handler with handleErrors: false', async (test) => {
    const app = await application(test, { handleErrors: false });
    app.get('/held', { preHandler: app.circuitBreaker({ name: 'held' }) }, () => 1);
    app.breakers.for('held').forceOpen();
    const response = await app.inject({ url: '/held' });
    assert.deepEqual([response.statusCode, response.json().code], [503, 'FST_ERR_CIRCUIT_BREAKER_OPEN']);
  });

  it('disposes its own breakers when the application is closed, and leaves yours', async () => {
    const registry = new BreakerRegistry();
    for (const given of [undefined, registry]) {
      const app = Fastify();
      await app.register(fusewire, { registry: given });
      const breaker = app.breakers.for('orders');
      await app.close();
      assert.equal(breaker.disposed, given === undefined);
    }
  });

  it('mounts the management API under the prefix of the scope that registers it', async (test) => {
    const app = Fastify();
    test.after(() => app.close());
    const management = { path: '/ops', authorize: () => ({ who: 'operator' }) };
    await app.register((scope) => scope.register(fusewire, { management }).then(() => undefined), { prefix: '/api' });
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    assert.equal((await fetch(`${origin}/api/ops/breakers`)).status, 200);
    assert.equal((await fetch(`${origin}/ops/breakers`)).status, 404);
  });

  it('reports invalid options at start-up', async () => {
    for (const options of [{ retryAfter: 0 }, { management: { path: 'ops' } }, { threshold: 0 }]) {
      const app = Fastify();
      await assert.rejects(async () => {
        await app.register(fusewire, options);
        app.get('/', { preHandler: app.circuitBreaker() }, () => 1);
        await app.ready();
      }, OptionsError);
      await app.close();
    }
  });
});
