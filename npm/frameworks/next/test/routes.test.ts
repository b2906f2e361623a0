import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, CircuitBreaker } from 'fusewire';
import { asked } from './next-server.ts';

const { flushAfterResponse, managementRoutes, protectedRoute } = await import('../src/index.ts');

/** Request with a member of Next.js. */
interface NextRequest extends Request {
  readonly cookies: object;
}

const ADDRESS = 'http://localhost:3000';
const request = new Request(`${ADDRESS}/rates`);

describe('protectedRoute()', () => {
  it('answers a rejected call with 503, a call that timed out with 504', async () => {
    const breaker = new CircuitBreaker({ name: 'rates', timeout: 1 });
    const GET = protectedRoute(async (_: NextRequest) =>
      Response.json(await breaker.execute(() => new Promise(() => {}))),
    );
    const late = await GET(request as NextRequest, undefined);
    assert.equal(late.status, 504);
    breaker.forceOpen();
    const refused = await GET(request as NextRequest, undefined);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '10']);
    assert.equal((await refused.json()).status, 503);
  });

  it('waits for the request, and leaves other errors to Next.js', async () => {
    const before = (await asked()).connections;
    const error = new Error('NEXT_REDIRECT');
    await assert.rejects(protectedRoute(() => Promise.reject(error))(request, {}), error);
    assert.equal((await asked()).connections, before + 1);
  });

  it('reports every problem of the options', () => {
    assert.throws(
      () => protectedRoute(() => new Response(), { retryAfter: 0, names: 'all' as never }),
      /retryAfter .*names /s,
    );
  });
});

describe('flushAfterResponse()', () => {
  it('flushes every log after the response', async () => {
    const flushed: string[] = [];
    flushAfterResponse({ flush: () => flushed.push('one') }, { flush: () => flushed.push('two') });
    assert.deepEqual(flushed, []);
    await (await asked()).tasks.at(-1)?.();
    assert.deepEqual(flushed, ['one', 'two']);
  });
});

describe('managementRoutes()', () => {
  const registry = new BreakerRegistry();
  registry.for('a/b');
  const contexts: unknown[] = [];
  const routes = managementRoutes({
    registry,
    basePath: '/shop/ops',
    authorize: ({ context }) => contexts.push(context) > 0 && { who: 'operator' },
  });
  const pathOf = (...path: string[]) => ({ params: Promise.resolve({ path }) });

  for (const prefix of ['/ops', '/shop/ops', '/rewritten', '']) {
    it(`serves what clients see under /shop/ops where Next.js says ${prefix || 'no path'}`, async () => {
      const sent = new Request(`${ADDRESS}${prefix}/breakers/a%2Fb`);
      const response = await routes.GET(sent, pathOf('breakers', 'a/b'));
      assert.equal(response.status, 200);
      assert.equal((await response.json()).name, 'a/b');
      assert.equal(contexts.at(-1), sent);
    });
  }

  it('ignores a slash at the end', async () => {
    const sent = new Request(`${ADDRESS}/ops/breakers/`);
    assert.equal((await routes.GET(sent, pathOf('breakers'))).status, 200);
  });

  it('serves a file without parameters', async () => {
    const sent = new Request(`${ADDRESS}/shop/ops/breakers`);
    for (const context of [undefined, {}, { params: Promise.resolve({}) }])
      assert.equal((await routes.GET(sent, context)).status, 200);
  });

  it('takes changes, with their bodies, from pages of the host that the client names only', async () => {
    const statusOf = async (origin: string, host: string) => {
      const headers = { host, origin, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: '{"reason":"a test"}' };
      const sent = new Request(`${ADDRESS}/ops/breakers/a%2Fb/force-open`, init);
      return (await routes.POST(sent, pathOf('breakers', 'a/b', 'force-open'))).status;
    };
    assert.equal(await statusOf('https://shop.example', 'shop.example'), 200);
    assert.equal(await statusOf('https://shop.example:8443', 'shop.example:8443'), 200);
    assert.equal(await statusOf('https://evil.example', 'shop.example'), 403);
    assert.equal(await statusOf(ADDRESS, 'shop.example'), 403);
    assert.equal(await statusOf('http://a/b', 'a/b'), 403);
  });

  it('hands the signal of the request on', async () => {
    const client = new AbortController();
    const sent = new Request(`${ADDRESS}/ops/stream`, { signal: client.signal });
    const { body } = await routes.GET(sent, pathOf('stream'));
    client.abort();
    const reader = (body as ReadableStream).getReader();
    while (!(await reader.read()).done);
  });

  it('answers HEAD, and OPTIONS with the methods of the resource', async () => {
    const sent = (method: string) => new Request(`${ADDRESS}/ops/breakers`, { method });
    assert.equal((await routes.HEAD(sent('HEAD'), pathOf('breakers'))).status, 200);
    const { status, headers } = await routes.OPTIONS(sent('OPTIONS'), pathOf('breakers'));
    assert.deepEqual([status, headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
    routes.close();
  });
});
