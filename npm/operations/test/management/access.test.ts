import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError } from 'fusewire';
import { management, nativeRoutes } from '@fusewire/operations/management';
import type { AuthorizationRequest, ManagementOptions } from '@fusewire/operations/management';
import { checkProblem, EVERYTHING, fixture, ORIGIN, requestOf } from './support.ts';

describe('authorize', () => {
  it('is needed for every route', async () => {
    const { send } = fixture({ ...EVERYTHING, authorize: undefined });
    for (const { method, path } of nativeRoutes) {
      const response = await send(method, path.replaceAll(/\{\w+\}/g, 'sms'));
      assert.match((await checkProblem(response)).detail, /Nobody has access.*option authorize/, path);
      assert.equal(response.status, 403);
    }
  });

  it('is asked with access, operation, breaker and context', async () => {
    const asked: Omit<AuthorizationRequest, 'request'>[] = [];
    const { handler } = fixture({
      authorize: ({ request, ...others }) => {
        assert.ok(request instanceof Request);
        asked.push(others);
        return { who: 'jane' };
      },
    });
    await handler(requestOf('GET', '/breakers'), 'context');
    await handler(requestOf('POST', '/breakers/sms/reset'));
    await handler(requestOf('GET', '/health/live'));
    assert.deepEqual(asked, [
      { access: 'read', operation: 'list', breaker: null, context: 'context' },
      { access: 'change', operation: 'reset', breaker: 'sms', context: undefined },
      { access: 'probe', operation: 'live', breaker: null, context: undefined },
    ]);
  });

  it('allows nothing but true and { who }, and no change without a name', async () => {
    for (const answer of [
      false,
      null,
      undefined,
      0,
      1,
      'yes',
      {},
      { who: '' },
      { who: 'a\nb' },
      { who: 'x'.repeat(201) },
      { who: 3 },
    ]) {
      const { problem } = fixture({ authorize: () => answer as never });
      assert.equal((await problem('GET', '/breakers')).status, 403, JSON.stringify(answer));
      assert.equal((await problem('POST', '/breakers/sms/reset')).status, 403, JSON.stringify(answer));
    }
    const { problem, json } = fixture({ authorize: () => true });
    await json('GET', '/breakers');
    assert.match((await problem('POST', '/breakers/sms/reset')).detail, /must return \{ who \}/);
  });

  it('denies access if it throws, rejects or hangs, and its error stays in the log', async () => {
    for (const authorize of [
      () => {
        throw new Error('password=hunter2');
      },
      () => Promise.reject(new Error('password=hunter2')),
    ]) {
      const { problem, logged, registry } = fixture({ authorize });
      registry.get('sms')?.open();
      const { status, detail } = await problem('POST', '/breakers/sms/reset');
      assert.equal(status, 503);
      assert.doesNotMatch(detail, /hunter2/);
      assert.deepEqual(logged, ['Management: authorize failed']);
      assert.equal(registry.get('sms')?.state, 'OPEN');
    }
    const { send, clock } = fixture({ authorize: () => new Promise<never>(() => undefined), timeout: 500 });
    const hanging = send('GET', '/breakers');
    await clock.advanceAsync(500);
    assert.equal((await checkProblem(await hanging)).status, 503);
    assert.equal(clock.timers, 0);
  });

  it('may return a response of its own', async () => {
    const { send } = fixture({
      authorize: () => new Response('log in', { status: 401, headers: { 'www-authenticate': 'Basic realm="ops"' } }),
    });
    const response = await send('GET', '/breakers');
    assert.deepEqual([response.status, response.headers.get('www-authenticate')], [401, 'Basic realm="ops"']);
  });

  it('is not asked for probes that are public', async () => {
    const { json, problem } = fixture({ authorize: undefined, publicProbes: true });
    assert.deepEqual(await json('GET', '/health/live'), { status: 'ok', failed: [] });
    assert.deepEqual(await json('GET', '/health/ready'), { status: 'ok', failed: [] });
    assert.equal((await problem('GET', '/health')).status, 403);
  });
});

describe('changes from other sites', () => {
  const path = '/breakers/sms/reset';

  it('are rejected by Sec-Fetch-Site, by Origin, and without a header that browsers ask for', async () => {
    const { problem, send } = fixture();
    const rejected = async (headers: Record<string, string>) => {
      const { type } = await problem('POST', path, undefined, headers);
      assert.equal(type, 'urn:fusewire:problem:cross-site', JSON.stringify(headers));
    };
    await rejected({ 'sec-fetch-site': 'cross-site' });
    await rejected({ 'sec-fetch-site': 'same-site' });
    await rejected({ origin: 'https://evil.test' });
    await rejected({ origin: 'null' });
    await rejected({ origin: 'http://ops.test.evil.test' });
    await rejected({ 'content-type': 'text/plain' });
    await rejected({ 'content-type': 'application/x-www-form-urlencoded' });
    await rejected({ 'content-type': '' });
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: 'https://ops.test' },
      { 'sec-fetch-site': 'none' },
      { origin: ORIGIN },
      { 'content-type': 'text/plain', 'x-requested-with': 'curl' },
    ] as Record<string, string>[]) {
      assert.equal((await send('POST', path, undefined, headers)).status, 200, JSON.stringify(headers));
    }
  });

  it('are accepted from the origins of the option', async () => {
    const { send, problem } = fixture({ origins: ['https://console.test'] });
    const headers = { origin: 'https://console.test', 'sec-fetch-site': 'cross-site' };
    assert.equal((await send('POST', path, undefined, headers)).status, 200);
    assert.equal((await problem('POST', path, undefined, { ...headers, origin: 'https://other.test' })).status, 403);
  });
});

describe('rate limits', () => {
  it('count the requests of each actor, and name the seconds to wait', async () => {
    let who = 'jane';
    const { send, clock } = fixture({ authorize: () => ({ who }), changesPerMinute: 2, readsPerMinute: 3 });
    const statuses = async (method: string, path: string, count: number) => {
      const all = [];
      for (let request = 0; request < count; request++) all.push((await send(method, path)).status);
      return all;
    };
    assert.deepEqual(await statuses('POST', '/reset-all', 3), [200, 200, 429]);
    const limited = await send('POST', '/reset-all');
    assert.equal(limited.headers.get('retry-after'), '30');
    assert.equal((await checkProblem(limited)).type, 'urn:fusewire:problem:too-many-requests');
    assert.deepEqual(await statuses('GET', '/breakers', 4), [200, 200, 200, 429]);
    who = 'joe';
    assert.deepEqual(await statuses('POST', '/reset-all', 1), [200]);
    who = 'jane';
    clock.advance(30_000);
    assert.deepEqual(await statuses('POST', '/reset-all', 2), [200, 429]);
  });

  it('do not count probes', async () => {
    const { send } = fixture({ readsPerMinute: 1 });
    for (let probe = 0; probe < 5; probe++) assert.equal((await send('GET', '/health/live')).status, 200);
  });
});

describe('management()', () => {
  it('reports every problem of its options at once', () => {
    const options = {
      registry: {},
      authorize: 'admin',
      basePath: 'ops/',
      routes: [{ method: 'BREW', path: '/coffee', operation: 'list' }],
      events: {},
      origins: ['ops.example.com'],
      readsPerMinute: 0,
      bodyBytes: 0.5,
      logger: {},
      authorise: true,
    } as unknown as ManagementOptions;
    assert.throws(
      () => management(options),
      (error) => {
        assert.ok(error instanceof OptionsError);
        assert.deepEqual(
          error.problems.map(({ option }) => option),
          [
            'registry',
            'bodyBytes',
            'authorize',
            'basePath',
            'routes.0',
            'events',
            'origins',
            'readsPerMinute',
            'logger',
            'authorise',
          ],
        );
        return true;
      },
    );
  });
});
