/** The six services: token, payment, callback, message, rate limit, outage and slowness. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { until } from '../scenario/fixture.js';
import { startForTests } from './support.ts';

const all = await startForTests();
const { haven, upstreams, lines, get, post, repair } = all;
const RENT = { phone: '254712345678', amount: 25_000, reference: 'flat-7', email: 'tenant@haven.test' };
const BREAKERS = { mpesa: 3, pesapal: 3, kcb: 3, email: 5, sms: 5, whatsapp: 5 };
const MESSAGES: Record<string, object> = {
  sms: { to: '+254712345678', text: 'Hello' },
  whatsapp: { to: '254712345678', text: 'Hello' },
  email: { to: 'tenant@haven.test', subject: 'Rent', text: 'Hello' },
};
const send = (service: string) =>
  service in MESSAGES
    ? post(`/api/v1/messages/${service}`, MESSAGES[service])
    : post(`/api/v1/payments/${service}`, RENT);

beforeEach(repair);

test('M-Pesa: one token serves many payments, and the callback settles a payment once', async () => {
  const { body } = await send('mpesa');
  await send('mpesa');
  assert.equal(upstreams.mpesa.requests.filter(({ path }) => path === '/oauth/v1/generate').length, 1);
  assert.equal((await get(`/api/v1/payments/${body.id}`)).body.status, 'pending');
  const payment = upstreams.mpesa.payments.find(({ CheckoutRequestID }) => CheckoutRequestID === body.id);
  await upstreams.mpesa.callBack(payment);
  await upstreams.mpesa.callBack(payment, 1032);
  const settled = (await get(`/api/v1/payments/${body.id}`)).body;
  assert.deepEqual(settled, { id: body.id, service: 'mpesa', reference: 'flat-7', amount: 25_000, status: 'paid' });
});

test('M-Pesa: a payment that the customer cancels is not paid', async () => {
  const { body } = await send('mpesa');
  await upstreams.mpesa.callBack(upstreams.mpesa.payments.at(-1), 1032);
  assert.equal((await get(`/api/v1/payments/${body.id}`)).body.status, 'cancelled');
});

test('a callback with a wrong secret is 404, and settles nothing', async () => {
  const { body } = await send('kcb');
  const payment = upstreams.kcb.payments.at(-1);
  const forged = { ...payment, callbackUrl: payment.callbackUrl.replace('callback-secret', 'guess') };
  assert.equal((await upstreams.kcb.callBack(forged)).status, 404);
  assert.equal((await get(`/api/v1/payments/${body.id}`)).body.status, 'pending');
  assert.equal((await upstreams.kcb.callBack(payment)).status, 200);
  assert.equal((await get(`/api/v1/payments/${body.id}`)).body.status, 'paid');
});

test('a body that is no callback is 400', async () => {
  for (const body of [{}, { Body: {} }, { Body: { stkCallback: { ResultCode: 0 } } }]) {
    assert.equal((await post('/api/v1/payments/mpesa/callback/callback-secret', body)).status, 400);
  }
});

test('Pesapal: the notification makes haven ask for the status', async () => {
  const { body } = await send('pesapal');
  assert.match(body.redirect, /^https:\/\/pay\.pesapal\.test\//);
  await upstreams.pesapal.callBack(upstreams.pesapal.orders.get(body.id));
  assert.equal((await get(`/api/v1/payments/${body.id}`)).body.status, 'paid');
});

test('a token that the service refuses is replaced with the next call', async () => {
  await send('mpesa');
  upstreams.mpesa.expireTokens();
  assert.equal((await send('mpesa')).status, 502);
  assert.equal((await send('mpesa')).status, 202);
});

test('an invalid phone number is 400, and no failure of the service', async () => {
  for (let call = 0; call < 5; call++) {
    assert.equal((await post('/api/v1/payments/mpesa', { ...RENT, phone: '12' })).status, 400);
  }
  assert.deepEqual([haven.manager.get('mpesa').state, haven.manager.getStats('mpesa').failureCount], ['CLOSED', 0]);
});

test('a text, a WhatsApp message and a mail arrive', async () => {
  for (const service of ['sms', 'whatsapp', 'email']) assert.equal((await send(service)).status, 202);
  assert.deepEqual(upstreams.sms.messages.at(-1), { number: '+254712345678', text: 'Hello' });
  assert.equal(upstreams.whatsapp.messages.at(-1).text.body, 'Hello');
  assert.deepEqual(upstreams.email.mails.at(-1).to, ['tenant@haven.test']);
});

describe('an outage', () => {
  for (const [service, threshold] of Object.entries(BREAKERS)) {
    test(`of ${service} opens its circuit after ${threshold} failures, and no other`, async () => {
      await send(service);
      const upstream = upstreams[service];
      upstream.behave('outage');
      haven.manager.get(service).update({ resetTimeout: 60_000 });
      const before = upstream.requests.length;
      const statuses = [];
      for (let call = 0; call < threshold + 2; call++) statuses.push((await send(service)).status);
      assert.deepEqual(statuses, [...Array.from({ length: threshold }, () => 502), 503, 503]);
      assert.equal(upstream.requests.length - before, threshold);
      const others = Object.entries(haven.manager.getAllStats()).filter(([name]) => name !== service);
      for (const [name, { state }] of others) assert.equal(state, 'CLOSED', name);
      haven.manager.get(service).update({ resetTimeout: 400 });
    });
  }
});

test('a circuit closes by itself when the service is back', async () => {
  upstreams.sms.behave('outage');
  for (let call = 0; call < 5; call++) await send('sms');
  assert.notEqual(haven.manager.get('sms').state, 'CLOSED');
  upstreams.sms.behave('up');
  await until('the circuit closes', async () => {
    await send('sms');
    return haven.manager.get('sms').state === 'CLOSED';
  });
});

test('a rejected call has the documented shape and a whole-second Retry-After', async () => {
  haven.manager.get('mpesa').engine.open(60_000);
  const { status, headers, body } = await send('mpesa');
  assert.equal(status, 503);
  assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  assert.deepEqual(body, { message: 'Circuit breaker mpesa is OPEN', circuitBreakerOpen: true });
});

test('a call that takes too long has the documented shape, and its request is ended', async () => {
  haven.manager.get('kcb').update({ timeout: 150 });
  upstreams.kcb.behave('hang');
  const { status, body } = await send('kcb');
  assert.equal(status, 504);
  assert.deepEqual(body, { message: 'Circuit breaker kcb timeout after 150ms', timeout: true });
  haven.manager.get('kcb').update({ timeout: 3_000 });
});

test("Africa's Talking: a 429 opens the circuit for its Retry-After", async () => {
  upstreams.sms.behave('limited', 7);
  assert.equal((await send('sms')).status, 502);
  const { status, headers } = await send('sms');
  assert.equal(status, 503);
  assert.ok(['6', '7'].includes(headers.get('retry-after') ?? ''), String(headers.get('retry-after')));
});

test('a call above one second is logged as slow', async () => {
  upstreams.whatsapp.behave('slow', 1_050);
  assert.equal((await send('whatsapp')).status, 202);
  const slow = lines.find(({ message }) => message.startsWith('Slow external service call: whatsapp took'));
  assert.equal(slow?.level, 'warn');
  assert.ok(slow.details.duration > 1_000);
});

test('a client that goes ends the call, which counts neither way', async () => {
  upstreams.whatsapp.behave('hang');
  const client = new AbortController();
  const sent = fetch(`${haven.url}/api/v1/messages/whatsapp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(MESSAGES.whatsapp),
    signal: client.signal,
  });
  const before = upstreams.whatsapp.requests.length;
  await until('the request is at WhatsApp', () => upstreams.whatsapp.requests.length > before);
  client.abort();
  await assert.rejects(sent);
  await until('the call ends', () => haven.manager.get('whatsapp').engine.getStats().inFlight === 0);
  assert.equal(haven.manager.getStats('whatsapp').failureCount, 0);
});
