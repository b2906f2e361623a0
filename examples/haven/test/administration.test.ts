/** Administration: endpoints of the document, guard, health, alerts, dashboard, history, metrics and procedures. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { until } from '../scenario/fixture.js';
import { startForTests } from './support.ts';

const all = await startForTests();
const { haven, upstreams, lines, pager, restarts, get, post, adminGet, adminPost, repair } = all;
const BREAKERS = '/api/v1/circuit-breakers';
const TESTS = '/api/v1/test-circuit-breaker';
const NAMES = ['email', 'kcb', 'mpesa', 'pesapal', 'sms', 'whatsapp'];
const text = { to: '+254712345678', text: 'Hello' };

beforeEach(repair);

async function breakSms() {
  upstreams.sms.behave('outage');
  haven.manager.get('sms').update({ resetTimeout: 60_000 });
  for (let call = 0; call < 5; call++) await post('/api/v1/messages/sms', text);
  assert.equal(haven.manager.get('sms').state, 'OPEN');
}

test('every endpoint of the document is for administrators only', async () => {
  const gets = ['', '/mpesa', '/health', '/metrics'].map((path) => get(BREAKERS + path));
  const posts = ['/mpesa/reset', '/reset-all'].map((path) => post(BREAKERS + path));
  const tests = ['simulate-failure', 'simulate-timeout', 'test-external-services'].map((path) =>
    post(`${TESTS}/${path}`),
  );
  const reports = ['failures', 'predictions'].map((path) => get(`/api/v1/reports/${path}`));
  const operations = ['/ops/dashboard', '/ops/metrics', '/ops/events'].map((path) => get(path));
  for (const { status } of await Promise.all([...gets, ...posts, ...tests, ...reports, ...operations])) {
    assert.equal(status, 401);
  }
});

test('the statistics have the documented fields', async () => {
  await post('/api/v1/messages/sms', text);
  await breakSms();
  const { body } = await adminGet(BREAKERS);
  assert.deepEqual(Object.keys(body), NAMES);
  const { nextAttempt, ...rest } = body.sms;
  assert.deepEqual(Object.keys(rest), ['state', 'failureCount', 'successCount', 'uptime']);
  assert.equal(rest.state, 'OPEN');
  assert.ok(Date.parse(nextAttempt) > Date.now());
  assert.deepEqual((await adminGet(`${BREAKERS}/sms`)).body.state, 'OPEN');
});

test('an unknown service is 404', async () => {
  assert.equal((await adminGet(`${BREAKERS}/fax`)).status, 404);
  assert.equal((await adminPost(`${BREAKERS}/fax/reset`)).status, 404);
});

test('health and metrics tell of all services', async () => {
  await breakSms();
  const { body: health } = await adminGet(`${BREAKERS}/health`);
  assert.deepEqual([health.status, health.total, health.open], ['degraded', 6, 1]);
  const { body: metrics } = await adminGet(`${BREAKERS}/metrics`);
  assert.ok(metrics.summary.totalFailures >= 5);
  assert.deepEqual(Object.keys(metrics.services), NAMES);
  assert.equal(typeof metrics.services.sms.averageResponseTime, 'number');
});

test('reset and reset-all close circuits, and the audit log has who did it', async () => {
  await breakSms();
  assert.equal((await adminPost(`${BREAKERS}/sms/reset`)).status, 200);
  assert.equal(haven.manager.get('sms').state, 'CLOSED');
  await breakSms();
  assert.equal((await adminPost(`${BREAKERS}/reset-all`)).status, 200);
  assert.equal(haven.manager.get('sms').state, 'CLOSED');
  await haven.operations.events.flush();
  const { events } = await haven.operations.events.tail({ kind: 'administration' });
  assert.ok(events.some(({ actor, breaker }) => actor === 'jane' && breaker === 'sms'));
});

test('the test endpoints take the documented requests, and touch no circuit of a service', async () => {
  const body = { serviceName: 'test-service', shouldFail: true, iterations: 5 };
  const failure = await adminPost(`${TESTS}/simulate-failure`, body);
  assert.deepEqual(
    failure.body.results.map(({ circuitBreakerOpen }) => circuitBreakerOpen),
    [false, false, false, true, true],
  );
  const timeout = await adminPost(`${TESTS}/simulate-timeout`, { serviceName: 'timeout-test', delay: 6_000 });
  assert.equal(timeout.body.timeout, true);
  assert.equal(haven.manager.getHealth().status, 'healthy');
});

describe('test-external-services', () => {
  test('calls all six, without sending or paying anything', async () => {
    const sent = () => [upstreams.mpesa.payments.length, upstreams.sms.messages.length, upstreams.email.mails.length];
    const before = sent();
    const requests = upstreams.all.map((upstream) => upstream.requests.length);
    const { body } = await adminPost(`${TESTS}/test-external-services`);
    const available = body.filter((each) => each.available).map(({ service }) => service);
    assert.deepEqual(available.sort(), NAMES);
    upstreams.all.forEach((upstream, index) => assert.ok(upstream.requests.length > requests[index], upstream.name));
    assert.deepEqual(sent(), before);
  });

  test('finds those that are out or refuse the credentials', async () => {
    upstreams.mpesa.behave('outage');
    upstreams.email.behave('outage');
    const { body } = await adminPost(`${TESTS}/test-external-services`);
    const out = body.filter(({ available }) => !available).map(({ service }) => service);
    assert.deepEqual(out, ['mpesa', 'email']);
  });
});

test('the health of the system includes the circuits', async () => {
  assert.equal((await get('/health')).body.score, 100);
  await breakSms();
  const { body } = await get('/health');
  assert.ok(body.score < 100);
  const part = body.parts.find(({ name }) => name === 'sms');
  assert.equal(part?.state, 'OPEN', JSON.stringify(body.parts));
  assert.deepEqual((await get('/ops/health/live')).status, 200);
});

test('an opening sends an alert, and is logged with its context', async () => {
  pager.alerts.length = 0;
  await breakSms();
  await until('the alert', () => JSON.stringify(pager.alerts).includes('"sms"'));
  const line = lines.find(({ message }) => message === 'Circuit breaker sms: CLOSED to OPEN');
  assert.equal(line?.details.reason, 'failure-threshold');
  assert.equal(line.details.lastError, 'Request failed with status code 503');
});

test('Prometheus scrapes the states, the outcomes and the durations', async () => {
  await breakSms();
  const { body } = await adminGet('/ops/metrics');
  for (const name of NAMES)
    assert.match(body, new RegExp(`fusewire_breaker_state\\{breaker="${name}",state="open"\\} [01]`));
  assert.match(body, /fusewire_call_duration_seconds_bucket\{breaker="sms"/);
});

test('the dashboard is a page for administrators', async () => {
  const { status, body } = await adminGet('/ops/dashboard');
  assert.equal(status, 200);
  assert.match(body, /<!doctype html>/i);
});

describe('recovery procedures', () => {
  const run = (task: string) => adminPost(`/ops/tasks/${task}`, { reason: 'the provider says that it is over' });

  test('recover: stops at the first step while the service is out', async () => {
    await breakSms();
    assert.ok((await run('recover-sms')).status >= 500);
    assert.equal(haven.manager.get('sms').state, 'OPEN');
    assert.ok(lines.some(({ message }) => message === 'recover sms: the service answers: failed'));
  });

  test('recover: resets the circuit and proves it when the service is back', async () => {
    await breakSms();
    haven.manager.get('sms').engine.forceOpen({ reason: 'maintenance' });
    upstreams.sms.behave('up');
    assert.equal((await run('recover-sms')).status, 200);
    assert.equal(haven.manager.get('sms').state, 'CLOSED');
    assert.equal((await post('/api/v1/messages/sms', text)).status, 202);
  });

  test('allow-slow: gives a slow service more time', async () => {
    const kcb = haven.manager.get('kcb');
    kcb.update({ timeout: 100 });
    upstreams.kcb.behave('slow', 200);
    assert.equal((await run('allow-slow-kcb')).status, 200);
    const pay = { phone: '254712345678', amount: 1, reference: 'flat-7' };
    assert.equal((await post('/api/v1/payments/kcb', pay)).status, 202);
  });

  test('restart: asks the process to restart', async () => {
    assert.equal((await run('restart')).status, 200);
    await until('the restart', () => restarts.length === 1);
  });
});

test('the history has outages, their length, reasons and findings', async () => {
  for (let outage = 0; outage < 3; outage++) {
    await breakSms();
    haven.manager.resetAll();
  }
  const { body } = await adminGet('/api/v1/reports/failures');
  const { sms } = body.services;
  assert.ok(sms.outages >= 3 && sms.failures >= 15);
  assert.ok(sms.meanTimeToRecover >= 0 && sms.longestOutage >= sms.meanTimeToRecover);
  assert.match(sms.commonest, /503/);
  assert.ok(
    body.findings.some((finding) => /^sms: \d+ outages/.test(finding)),
    body.findings.join(),
  );
  assert.ok(body.findings.some((finding) => /^sms: \d+ % of the failures are between/.test(finding)));
});

test('predictions are reported for each service', async () => {
  const { body } = await adminGet('/api/v1/reports/predictions');
  assert.deepEqual(Object.keys(body).sort(), NAMES);
  assert.equal(body.mpesa.mode, 'shadow');
});
