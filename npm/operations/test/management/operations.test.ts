import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry } from 'fusewire';
import { health } from '@fusewire/operations/health';
import type { EventQuery } from '@fusewire/operations/events';
import { EVERYTHING, fixture, NO_EVENTS } from './support.ts';

const failing = () => Promise.reject(new Error('password=hunter2'));

describe('health routes', () => {
  it('report the health of the breakers with the status 200', async () => {
    const { json, registry } = fixture();
    for (const [, breaker] of registry) breaker.open();
    const report = await json('GET', '/health');
    assert.deepEqual([report['status'], report['score']], ['error', 0]);
    assert.equal((await json('GET', '/health/ready'))['status'], 'ok');
  });

  it('answer 503 to a probe only if a required part is down', async () => {
    const registry = new BreakerRegistry();
    registry.create('database').forceOpen();
    const { send } = fixture({ registry, health: health({ registry, readyRequires: ['database'] }) });
    const response = await send('GET', '/health/ready');
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { status: 'error', failed: ['database'] });
    assert.equal((await send('GET', '/health/live')).status, 200);
  });
});

describe('GET /events', () => {
  it('hands filters, order and cursor to the event log', async () => {
    const queries: unknown[] = [];
    const tail = async (query?: EventQuery) => (queries.push({ ...query }), { events: [], cursor: 'c2' });
    const { json } = fixture({ events: { ...NO_EVENTS, tail } });
    const query =
      'breaker=sms&kind=state-*&severity=warning&since=5&until=9&order=oldest&cursor=c1&limit=7&actor=a&instance=i';
    assert.deepEqual(await json('GET', `/events?${query}`), { events: [], cursor: 'c2' });
    assert.deepEqual(queries, [
      {
        breaker: 'sms',
        kind: 'state-*',
        severity: 'warning',
        instance: 'i',
        actor: 'a',
        since: 5,
        until: 9,
        order: 'oldest',
        cursor: 'c1',
        limit: 7,
      },
    ]);
  });

  it('is a problem if the log fails or hangs, and its error stays in the log', async () => {
    const { problem, logged } = fixture({ events: { ...NO_EVENTS, tail: failing } });
    const { status, detail } = await problem('GET', '/events');
    assert.deepEqual([status, detail], [503, 'the event log failed; the log of the program has the error']);
    assert.deepEqual(logged, ['Management: the event log failed']);
    const hanging = fixture({ events: { ...NO_EVENTS, tail: () => new Promise<never>(() => undefined) }, timeout: 50 });
    const answer = hanging.problem('GET', '/events');
    await hanging.clock.advanceAsync(50);
    assert.equal((await answer).status, 503);
  });
});

describe('GET /metrics', () => {
  it('returns the text of the function, with its content type', async () => {
    const { send } = fixture({ metrics: () => 'up 1\n' });
    const response = await send('GET', '/metrics');
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(await response.text(), 'up 1\n');
    const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
    const other = fixture({ metrics: ({ accept }) => ({ contentType, body: accept }) });
    const negotiated = await other.send('GET', '/metrics', undefined, { accept: contentType });
    assert.equal(negotiated.headers.get('content-type'), contentType);
    assert.equal(await negotiated.text(), contentType);
  });

  it('is a problem if the function fails, or returns no text', async () => {
    for (const metrics of [failing, () => ({ contentType: 'a\r\nb: c', body: '' }), () => 3 as never]) {
      assert.equal((await fixture({ metrics }).problem('GET', '/metrics')).status, 503);
    }
  });
});

describe('queue routes', () => {
  it('list the queues, those that fail included', async () => {
    const broken = { ...EVERYTHING.queues.mail, size: failing };
    const { json, logged } = fixture({ queues: { mail: EVERYTHING.queues.mail, broken } });
    assert.deepEqual(await json('GET', '/queues'), {
      queues: [
        { name: 'mail', waiting: 1, running: 0, dead: 2, oldestAge: 5 },
        { name: 'broken', error: 'The queue could not be read; the log of the program has the error' },
      ],
    });
    assert.deepEqual(logged, ['Management: a queue failed']);
  });

  it('list dead letters without their payloads', async () => {
    const { json, problem } = fixture(EVERYTHING);
    assert.deepEqual(await json('GET', '/queues/mail/dead-letters?limit=5'), {
      deadLetters: [{ id: '7', topic: 'mail', key: 'k', attempts: 3, lastError: 'refused' }],
      next: '1_7',
    });
    assert.deepEqual(await json('GET', '/queues/mail/dead-letters?after=1_7'), { deadLetters: [], next: null });
    assert.equal((await problem('GET', '/queues/__proto__/dead-letters')).status, 404);
  });

  it('retry and discard dead letters, and record it', async () => {
    const { json, problem, recorded } = fixture(EVERYTHING);
    assert.deepEqual(await json('POST', '/queues/mail/dead-letters/7/retry', { reason: 'fixed' }), {
      queue: 'mail',
      id: '7',
    });
    await json('POST', '/queues/mail/dead-letters/7/discard');
    assert.equal((await problem('POST', '/queues/mail/dead-letters/8/discard')).status, 404);
    assert.deepEqual(
      recorded.map(({ summary, details }) => [summary, details]),
      [
        ['jane retried a dead letter of the queue mail', { operation: 'retryDeadLetter', queue: 'mail', id: '7' }],
        ['jane discarded a dead letter of the queue mail', { operation: 'discardDeadLetter', queue: 'mail', id: '7' }],
      ],
    );
  });
});

describe('test routes', () => {
  it('are absent unless they are enabled', async () => {
    for (const tests of [undefined, false])
      for (const path of ['simulate-failure', 'simulate-timeout', 'check-services'])
        assert.equal((await fixture({ tests }).problem('POST', `/tests/${path}`, {})).status, 404);
  });

  it('simulate failures in breakers of their own, about which nobody hears', async () => {
    const { json, registry, recorded } = fixture({ tests: { breaker: { failureThreshold: 3 } } });
    let events = 0;
    registry.on('created', () => events++);
    registry.get('mpesa')?.on('stateChange', () => events++);
    const body = { serviceName: 'mpesa', shouldFail: true, iterations: 5 };
    const { results, stats } = (await json('POST', '/tests/simulate-failure', body)) as {
      results: { success: boolean; circuitBreakerOpen: boolean; error: string }[];
      stats: { state: string };
    };
    assert.deepEqual(
      results.map(({ circuitBreakerOpen }) => circuitBreakerOpen),
      [false, false, false, true, true],
    );
    assert.equal(results[0]?.error, 'Simulated failure');
    assert.equal(stats.state, 'OPEN');
    assert.deepEqual([registry.get('mpesa')?.state, registry.size, events, recorded.length], ['CLOSED', 3, 0, 0]);
  });

  it('simulate a timeout without waiting for it', async () => {
    const { json } = fixture({ tests: true });
    const start = performance.now();
    const late = await json('POST', '/tests/simulate-timeout', { serviceName: 't', delay: 600_000, limit: 30_000 });
    assert.deepEqual([late['timeout'], late['limit']], [true, 30_000]);
    assert.match(String(late['error']), /30000/);
    const early = await json('POST', '/tests/simulate-timeout', { serviceName: 't', delay: 4_999 });
    assert.deepEqual([early['timeout'], early['error']], [false, undefined]);
    assert.ok(performance.now() - start < 30_000);
  });

  it('check the external services outside of their breakers', async () => {
    const services = { mpesa: async () => 'pong', sms: failing, other: () => new Promise(() => undefined) };
    const { send, registry, clock } = fixture({ tests: { services, serviceTimeout: 1_000 } });
    registry.get('mpesa')?.forceOpen();
    const answer = send('POST', '/tests/check-services', {});
    await clock.advanceAsync(1_000);
    assert.deepEqual(await (await answer).json(), {
      services: [
        { service: 'mpesa', available: true, duration: 0, state: 'OPEN' },
        { service: 'sms', available: false, duration: 0, error: 'Error', state: 'CLOSED' },
        {
          service: 'other',
          available: false,
          duration: 1_000,
          error: 'CallTimeoutError ERR_CALL_TIMEOUT',
          state: null,
        },
      ],
    });
    assert.equal(registry.get('sms')?.getStats().totalRequests, 0);
  });

  it('ask for access of their own', async () => {
    const { problem, json } = fixture({
      ...EVERYTHING,
      authorize: ({ access }) => (access === 'test' ? false : { who: 'jane' }),
    });
    assert.equal((await problem('POST', '/tests/check-services')).status, 403);
    await json('POST', '/reset-all');
  });
});

describe('GET /docs', () => {
  it('lists every route, without scripts and styles', async () => {
    const { send } = fixture({ ...EVERYTHING, basePath: '/ops' });
    const response = await send('GET', '/ops/docs');
    const page = await response.text();
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(page, /POST \/ops\/breakers\/\{breaker\}\/force-open/);
    assert.doesNotMatch(page, /<script|<style|style=|http:|https:/);
  });
});
