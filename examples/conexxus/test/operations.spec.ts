/** Health, metrics, endpoints of the operators, maintenance, thresholds by time of day, alerts and dashboard. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fail, NIGHT, start } from './support.ts';

describe('Health', () => {
  it('has the state of the circuit, and the first error of an open one', async (t) => {
    const started = await start(t, {}, { now: Date.now() });
    assert.deepEqual(await started.conexxus.getHealthStatus(), {
      ...{ enabled: true, isHealthy: true, state: 'CLOSED', apiConnection: true },
    });
    await fail(started, 7);
    const { lastError, ...status } = await started.conexxus.getHealthStatus();
    assert.deepEqual(status, {
      ...{ enabled: true, isHealthy: false, state: 'OPEN', apiConnection: false },
      ...{ lastSyncTime: new Date(), lastSyncStatus: 'failed' },
    });
    assert.match(
      String(lastError),
      /^Circuit breaker is OPEN, next attempt at \S+Z: Request failed with status code 500$/,
    );
  });

  it('is partial if the API refuses some sales, or an item has no SKU', async (t) => {
    const { conexxus, upstream, prisma } = await start(t);
    upstream.behaviour = 'partial';
    assert.deepEqual(await conexxus.syncInventory(), { items: 2 });
    assert.equal((await conexxus.getHealthStatus()).lastSyncStatus, 'partial');
    await prisma.sale.createMany({ data: [1, 2, 3].map((quantity) => ({ sku: 'A1', quantity })) });
    assert.deepEqual(await conexxus.pushSales(), { sales: 1 });
    assert.equal((await conexxus.getHealthStatus()).lastSyncStatus, 'partial');
    upstream.behaviour = 'healthy';
    assert.deepEqual(await conexxus.pushSales(), { sales: 2 });
    assert.equal((await conexxus.getHealthStatus()).lastSyncStatus, 'success');
  });

  it('degrades the check of Terminus while the circuit is open, and the probes go on', async (t) => {
    const started = await start(t);
    const { ask } = started;
    assert.equal((await ask('GET', '/health')).body.status, 'ok');
    await fail(started, 5);
    const { status, body } = await ask('GET', '/health');
    assert.deepEqual([status, body.status, body.details.conexxus.state], [200, 'degraded', 'OPEN']);
    assert.equal((await fetch(`${started.url}/ops/health/live`)).status, 200);
    assert.equal((await ask('GET', '/ops/health')).body.status, 'error');
  });
});

describe('A synchronisation over HTTP', () => {
  it('is a 200, and a 503 with Retry-After while the circuit is open', async (t) => {
    const started = await start(t);
    const first = await started.ask('POST', '/conexxus/sync/inventory');
    assert.deepEqual([first.status, first.body], [200, { items: 3 }]);
    await fail(started, 5);
    const { status, headers, body } = await started.ask('POST', '/conexxus/sync/inventory');
    assert.deepEqual([status, headers.get('retry-after')], [503, '60']);
    assert.equal(body.type, 'urn:fusewire:problem:unavailable');
    assert.equal((await started.ask('GET', '/conexxus/stats')).body.state, 'OPEN');
  });
});

describe('Prometheus', () => {
  it('has the state, the calls and the transitions', async (t) => {
    const started = await start(t);
    await started.conexxus.syncInventory();
    await fail(started, 6);
    const { status, text } = await started.ask('GET', '/ops/metrics');
    assert.equal(status, 200);
    for (const line of [
      'fusewire_breaker_state{breaker="conexxus",state="open"} 1',
      'fusewire_calls_total{breaker="conexxus",outcome="success"} 1',
      'fusewire_calls_total{breaker="conexxus",outcome="failure"} 5',
      'fusewire_calls_total{breaker="conexxus",outcome="rejected_open"} 1',
      'fusewire_transitions_total{breaker="conexxus",from="closed",to="open",reason="failure-threshold"} 1',
    ]) {
      assert.ok(text.includes(`${line}\n`), `${line} in ${text}`);
    }
  });
});

describe('Endpoints of the operators', () => {
  it('are closed to strangers', async (t) => {
    const { url, operations } = await start(t);
    for (const authorization of ['', 'Bearer wrong', `Basic ${btoa('ann:wrong')}`, 'Bearer']) {
      const response = await fetch(`${url}/ops/breakers`, { headers: { authorization } });
      assert.equal(response.status, 401, authorization);
    }
    assert.equal(operations.registry.size, 1);
  });

  it('are closed to everybody without a token', async (t) => {
    const { url } = await start(t, { OPS_TOKEN: '' });
    const response = await fetch(`${url}/ops/breakers`, { headers: { authorization: `Basic ${btoa('ann:')}` } });
    assert.equal(response.status, 401);
  });

  it('open and close the circuit by hand, and keep who did it and why', async (t) => {
    const { ask, conexxus, breaker, upstream } = await start(t);
    const post = (action: string, reason: string) => ask('POST', `/ops/breakers/conexxus/${action}`, { reason });
    assert.equal((await post('force-open', 'their incident 4711')).status, 200);
    await assert.rejects(conexxus.syncInventory(), { message: 'Circuit breaker is OPEN' });
    assert.equal((await post('release', 'it is over')).status, 200);
    assert.deepEqual(await conexxus.syncInventory(), { items: 3 });
    await post('open', 'a test');
    assert.equal(breaker.getState(), 'OPEN');
    await post('reset', 'the test is over');
    assert.equal(breaker.getState(), 'CLOSED');
    assert.equal(upstream.requests, 1);
    const { body } = await ask('GET', '/ops/events?kind=administration&order=oldest');
    assert.deepEqual(
      body.events.map(({ actor, reason }: { actor: string; reason: string }) => [actor, reason]),
      ['their incident 4711', 'it is over', 'a test', 'the test is over'].map((reason) => ['operator', reason]),
    );
  });

  it('try new thresholds in shadow, and apply them', async (t) => {
    const { ask, breaker } = await start(t);
    const change = await ask('PATCH', '/ops/breakers/conexxus/options', {
      options: { resetTimeout: 30_000 },
      reason: 'they recover faster now',
      now: true,
    });
    assert.equal(change.status, 200, change.text);
    assert.equal(breaker.engine.explain().openTime, 30_000);
  });
});

describe('A maintenance window', () => {
  it('holds the circuit open for its time, sends nothing, and ends by itself', async (t) => {
    const { ask, conexxus, upstream, breaker } = await start(t);
    const body = { reason: 'maintenance of Conexxus', ttl: 1_000 };
    const { status } = await ask('POST', '/ops/breakers/conexxus/force-open', body);
    assert.equal(status, 200);
    await assert.rejects(conexxus.syncInventory(), { message: 'Circuit breaker is OPEN' });
    assert.equal(upstream.requests, 0);
    await breaker.engine.ready();
    assert.deepEqual(await conexxus.syncInventory(), { items: 3 });
  });

  it('mutes the alerts at its weekly time', async (t) => {
    // 2026-01-04 is a Sunday.
    const sunday = Date.UTC(2026, 0, 4, 3);
    const receiver = await receive(t);
    const variables = { ALERT_SLACK_URL: receiver.url, ALERT_MAINTENANCE: 'sun 02:00-04:00' };
    const started = await start(t, variables, { now: sunday });
    await fail(started, 5);
    started.operations.alerts.evaluate();
    assert.equal(started.operations.alerts.active().find(({ rule }) => rule === 'opened')?.muted !== undefined, true);
    await started.operations.alerts.settled();
    assert.equal(receiver.bodies.length, 0);
  });
});

describe('Thresholds by time of day', () => {
  it('open the circuit later in the peak hours', async (t) => {
    let now = NIGHT;
    const started = await start(t, {}, { timeOfDay: () => now });
    assert.equal(started.breaker.engine.explain().failureThreshold, 5);
    now = Date.UTC(2026, 0, 2, 12);
    await fail(started, 9);
    assert.equal(started.breaker.getState(), 'CLOSED');
    assert.equal(started.breaker.engine.explain().failureThreshold, 10);
    await fail(started, 1);
    assert.equal(started.breaker.getState(), 'OPEN');
  });
});

describe('Alerts', () => {
  it('notify the chat, and open a ticket, when the circuit opens', async (t) => {
    const [chat, ticketSystem] = [await receive(t), await receive(t)];
    const started = await start(t, { ALERT_SLACK_URL: chat.url, ALERT_TICKETS_URL: ticketSystem.url });
    await fail(started, 5);
    const { alerts } = started.operations;
    alerts.evaluate();
    await alerts.settled();
    assert.match(chat.bodies.join('\n'), /conexxus opened \(failure-threshold: 5, threshold 5\)/);
    assert.equal(ticketSystem.bodies.length, 1);
    assert.match(String(ticketSystem.bodies[0]), /conexxus opened/);
    const { body } = await started.ask('GET', '/ops/alerts');
    assert.ok(body.active.some(({ rule }: { rule: string }) => rule === 'opened'));
  });

  it('are raised by a single failed synchronisation, too', async (t) => {
    const started = await start(t);
    started.operations.alerts.evaluate();
    await fail(started, 1);
    started.operations.alerts.evaluate();
    assert.deepEqual(
      started.operations.alerts.active().map(({ rule }) => rule),
      ['sync-failed'],
    );
  });
});

describe('Dashboard', () => {
  it('is a page for the operators, with the circuit and its history', async (t) => {
    const started = await start(t);
    await fail(started, 5);
    const page = await started.ask('GET', '/ops/dashboard');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const script = /src="([^"]+\.js)"/.exec(page.text)?.[1] as string;
    assert.equal((await started.ask('GET', new URL(script, `${started.url}/ops/`).pathname)).status, 200);
    const { body } = await started.ask('GET', '/ops/events?breaker=conexxus&kind=state-change');
    assert.equal(body.events[0].details.to, 'OPEN');
    const stream = await fetch(`${started.url}/ops/stream`, {
      headers: { authorization: 'Bearer token-of-operators' },
    });
    const reader = stream.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    assert.match(new TextDecoder().decode(value), /event: breakers/);
    await reader?.cancel();
  });
});

/** Starts a receiver of notifications. */
async function receive(t: TestContext) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString());
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}
