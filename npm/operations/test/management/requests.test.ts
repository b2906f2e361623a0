import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkProblem, fixture, ORIGIN } from './support.ts';

describe('requests', () => {
  it('have no other methods than those of the resource', async () => {
    const { send, problem } = fixture();
    const response = await send('DELETE', '/breakers');
    assert.equal(response.headers.get('allow'), 'GET, HEAD, OPTIONS');
    assert.equal((await checkProblem(response)).status, 405);
    assert.equal((await send('GET', '/reset-all')).headers.get('allow'), 'POST, OPTIONS');
    const options = await send('OPTIONS', '/breakers/sms');
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
    assert.equal((await problem('OPTIONS', '/nothing')).status, 404);
  });

  it('get no body with HEAD, but the headers of GET', async () => {
    const { send } = fixture();
    const [get, head] = [await send('GET', '/breakers'), await send('HEAD', '/breakers')];
    assert.deepEqual([...head.headers], [...get.headers]);
    assert.equal(await head.text(), '');
    const missing = await send('HEAD', '/breakers/none');
    assert.deepEqual([missing.status, await missing.text()], [404, '']);
  });

  it('get headers that keep the response from caches, sniffing and frames', async () => {
    const { send } = fixture();
    for (const { headers } of [await send('GET', '/breakers'), await send('GET', '/none')]) {
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'; frame-ancestors 'none'/);
    }
  });

  it('are found under the base path only', async () => {
    const { json, problem } = fixture({ basePath: '/ops' });
    await json('GET', '/ops/breakers');
    for (const path of [
      '/breakers',
      '/opsbreakers',
      '/ops',
      '/ops/',
      '/ops/breakers/',
      '/ops//breakers',
      '/OPS/breakers',
    ])
      assert.equal((await problem('GET', path)).status, 404, path);
  });

  it('cannot leave the base path, nor encode a name badly', async () => {
    const { problem } = fixture({ basePath: '/ops' });
    for (const path of [
      '/ops/../etc/passwd',
      '/ops/breakers/../../x',
      '/ops/breakers/%2e%2e/x',
      '/ops/%62reakers/..',
      '/ops/breakers/sms/../../..',
    ])
      assert.equal((await problem('GET', path)).status, 404, path);
    for (const path of ['/ops/breakers/%', '/ops/breakers/%zz', '/ops/breakers/%ff', '/ops/breakers/%ed%a0%80'])
      assert.equal((await problem('GET', path)).status, 400, path);
    for (const path of ['/ops/breakers/%00', '/ops/breakers/a%0d%0ab', `/ops/breakers/${'x'.repeat(201)}`])
      assert.equal((await problem('GET', path)).status, 422, path);
    assert.equal((await problem('GET', `/ops/breakers/${'x'.repeat(3_000)}`)).status, 414);
  });

  it('have known fields in their query, once, and of the right type', async () => {
    const { problem } = fixture();
    const { problems } = await problem(
      'GET',
      '/breakers?detailed=yes&limit=1e3&state=open&limit=2&serch=x&__proto__=1',
    );
    assert.deepEqual(problems, [
      { field: 'detailed', message: 'must be true or false' },
      { field: 'state', message: "must be 'CLOSED' or 'OPEN' or 'HALF_OPEN'" },
      { field: 'limit', message: 'must be a whole number from 1 to 10000' },
      { field: 'serch', message: 'is not a field of the query; did you mean search?' },
      { field: '__proto__', message: 'is not a field of the query' },
      { field: 'limit', message: 'is given twice' },
    ]);
  });

  it('have a JSON object as their body', async () => {
    const { problem } = fixture();
    const path = '/breakers/sms/reset';
    for (const body of [
      '{',
      '[]',
      'null',
      '3',
      '"x"',
      '{"reason":"x"}}',
      '\u0000',
      `{"a":${'['.repeat(50)}${']'.repeat(50)}}`,
    ])
      assert.equal((await problem('POST', path, body)).status, 400, body);
    for (const body of [
      '{"reason":3}',
      '{"reason":""}',
      '{"reason":"a\\u0000"}',
      '{"reason":"\\ud800"}',
      '{"__proto__":{}}',
      '{"constructor":1}',
    ])
      assert.equal((await problem('POST', path, body)).status, 422, body);
    assert.equal(
      (await problem('POST', path, '{}', { 'content-type': 'text/plain', 'x-requested-with': 'x' })).status,
      415,
    );
    assert.equal((await problem('POST', path, '{}', { 'content-encoding': 'gzip' })).status, 415);
  });

  it('have a body of bounded size, announced or not', async () => {
    const { problem, handler } = fixture({ bodyBytes: 100 });
    const text = JSON.stringify({ reason: 'x'.repeat(100) });
    assert.equal((await problem('POST', '/reset-all', text)).status, 413);
    let pulls = 0;
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => (pulls++, controller.enqueue(new Uint8Array(10).fill(0x20))),
      cancel: () => void (cancelled = true),
    });
    assert.equal((await checkProblem(await handler(streamed(endless)))).status, 413);
    assert.ok(pulls < 20 && cancelled);
  });

  it('have a body that arrives in time', async () => {
    const { handler, clock } = fixture({ bodyTimeout: 1_000 });
    let cancelled = false;
    const slow = new ReadableStream({ cancel: () => void (cancelled = true) });
    const answer = handler(streamed(slow));
    await clock.advanceAsync(1_000);
    assert.equal((await checkProblem(await answer)).status, 408);
    assert.equal(cancelled, true);
    assert.equal(clock.timers, 0);
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('reset by peer')) });
    assert.equal((await checkProblem(await handler(streamed(broken)))).status, 400);
  });

  it('need a body that nothing has read before', async () => {
    const { handler } = fixture();
    const request = new Request(`${ORIGIN}/reset-all`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    await request.text();
    assert.match((await checkProblem(await handler(request))).detail, /Something has read the body/);
  });

  it('never fail because of the event log', async () => {
    const record = () => {
      throw new Error('disk full');
    };
    const { NO_EVENTS } = await import('./support.ts');
    const { json, logged } = fixture({ events: { ...NO_EVENTS, record } });
    await json('POST', '/reset-all');
    assert.deepEqual(logged, ['Management: the event log failed']);
  });
});

function streamed(body: ReadableStream): Request {
  return new Request(`${ORIGIN}/reset-all`, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  } as RequestInit);
}
