import { startAll, until } from './fixture.js';

const RENT = { phone: '254712345678', amount: 25_000, reference: 'flat-7' };

/** Runs the scenario and prints what happens. Resolves with whether everything was as it must be. */
export async function runScenario(print = console.log) {
  const all = await startAll();
  let wrong = 0;
  const check = (text, isRight) => {
    if (!isRight) wrong++;
    print(`  ${isRight ? '✓' : '✗'} ${text}`);
  };
  try {
    for (const [title, part] of PARTS) {
      print(title);
      await part({ ...all, check });
    }
  } catch (error) {
    check(error.stack, false);
  } finally {
    await all.close();
  }
  print(wrong === 0 ? 'Everything was as it must be.' : `${wrong} checks failed.`);
  return wrong === 0;
}

const PARTS = [
  ['All services work', allWork],
  ['M-Pesa is out: fast 503s, Pesapal goes on, an alert goes out', outage],
  ['M-Pesa is back: the circuit closes by itself', recovery],
  ["Africa's Talking limits the rate: no message until Retry-After has passed", rateLimit],
  ['The mail server is slow, then hangs', slowMail],
  ['WhatsApp: an administrator runs the recovery procedure', procedure],
  ['What the administrators see', reports],
];

async function allWork({ post, get, upstreams, haven, adminPost, check }) {
  const { body: payment } = await post('/api/v1/payments/mpesa', RENT);
  await upstreams.mpesa.callBack(upstreams.mpesa.payments[0]);
  check('rent is paid over M-Pesa', (await get(`/api/v1/payments/${payment.id}`)).body.status === 'paid');
  const { body: order } = await post('/api/v1/payments/pesapal', { ...RENT, email: 'tenant@haven.test' });
  await upstreams.pesapal.callBack(upstreams.pesapal.orders.get(order.id));
  check('rent is paid by card', (await get(`/api/v1/payments/${order.id}`)).body.status === 'paid');
  check('rent is paid over KCB', (await post('/api/v1/payments/kcb', RENT)).status === 202);
  const text = 'Your rent is due.';
  const sent = [
    await post('/api/v1/messages/sms', { to: '+254712345678', text }),
    await post('/api/v1/messages/whatsapp', { to: '254712345678', text }),
    await post('/api/v1/messages/email', { to: 'tenant@haven.test', subject: 'Rent', text }),
  ];
  check(
    'a text, a WhatsApp message and a mail are sent',
    sent.every(({ status }) => status === 202),
  );
  const { body: checks } = await adminPost('/api/v1/test-circuit-breaker/test-external-services');
  check('test-external-services calls all six', checks.length === 6 && checks.every(({ available }) => available));
  check('all circuits are closed', haven.manager.getHealth().status === 'healthy');
}

async function outage({ post, upstreams, pager, check }) {
  upstreams.mpesa.behave('outage');
  const before = upstreams.mpesa.requests.length;
  const answers = [];
  for (let call = 0; call < 20; call++) answers.push(await post('/api/v1/payments/mpesa', RENT));
  const sent = upstreams.mpesa.requests.length - before;
  const last = answers.at(-1);
  check(`three requests reach M-Pesa, 17 are rejected at once`, sent === 3 && last.status === 503);
  check(`the error is ${JSON.stringify(last.body)}`, last.body.message === 'Circuit breaker mpesa is OPEN');
  check(`Retry-After is ${last.headers.get('retry-after')} s`, /^\d+$/.test(last.headers.get('retry-after')));
  check(
    'Pesapal still works',
    (await post('/api/v1/payments/pesapal', { ...RENT, email: 'a@haven.test' })).status === 202,
  );
  await until('an alert about mpesa', () => JSON.stringify(pager.alerts).includes('mpesa'));
  check('the alert has arrived', true);
}

async function recovery({ post, upstreams, haven, check }) {
  upstreams.mpesa.behave('up');
  const start = performance.now();
  await until('the circuit of mpesa closes', async () => {
    await post('/api/v1/payments/mpesa', RENT);
    return haven.manager.get('mpesa').state === 'CLOSED';
  });
  check(`closed after ${Math.round(performance.now() - start)} ms`, true);
}

async function rateLimit({ post, upstreams, haven, check }) {
  const message = { to: '+254712345678', text: 'Water is off on Monday.' };
  upstreams.sms.behave('limited', 2);
  await post('/api/v1/messages/sms', message);
  const before = upstreams.sms.requests.length;
  check('the first 429 opens the circuit', haven.manager.get('sms').state === 'OPEN');
  const answer = await post('/api/v1/messages/sms', message);
  check(
    'further messages get 503 and Retry-After: 2',
    answer.status === 503 && answer.headers.get('retry-after') === '2',
  );
  upstreams.sms.behave('up');
  await until('the time of Retry-After', () => haven.manager.get('sms').state === 'HALF_OPEN');
  check('nothing was sent meanwhile', upstreams.sms.requests.length === before);
  for (let probe = 0; probe < 2; probe++) await post('/api/v1/messages/sms', message);
  check('messages go out again', haven.manager.get('sms').state === 'CLOSED');
}

async function slowMail({ post, upstreams, lines, check }) {
  const mail = { to: 'tenant@haven.test', subject: 'Rent', text: 'Thank you.' };
  upstreams.email.behave('slow', 1_100);
  check('a slow mail is sent', (await post('/api/v1/messages/email', mail)).status === 202);
  check(
    'and logged as slow',
    lines.some(({ message }) => /^Slow external service call: email took \d+ms$/.test(message)),
  );
  upstreams.email.behave('hang');
  const { status, body } = await post('/api/v1/messages/email', mail);
  check(`a mail that hangs: ${status} ${JSON.stringify(body)}`, status === 504 && body.timeout === true);
  upstreams.email.behave('up');
}

async function procedure({ post, adminPost, upstreams, haven, lines, check }) {
  const message = { to: '254712345678', text: 'Hello' };
  upstreams.whatsapp.behave('outage');
  for (let call = 0; call < 5; call++) await post('/api/v1/messages/whatsapp', message);
  const run = () => adminPost('/ops/tasks/recover-whatsapp', { reason: 'Meta reports that it is over' });
  check(
    'it stops while WhatsApp is out',
    (await run()).status >= 500 && haven.manager.get('whatsapp').state !== 'CLOSED',
  );
  upstreams.whatsapp.behave('up');
  check('it closes the circuit when WhatsApp is back', (await run()).status === 200);
  for (const { message: text } of lines) if (text.startsWith('recover whatsapp')) check(text, true);
  check('the circuit is closed', haven.manager.get('whatsapp').state === 'CLOSED');
}

async function reports({ adminGet, get, check }) {
  check('strangers get 401', (await get('/api/v1/circuit-breakers')).status === 401);
  const stats = await adminGet('/api/v1/circuit-breakers');
  check(`GET /api/v1/circuit-breakers: mpesa is ${stats.body.mpesa.state}`, stats.status === 200);
  check('an unknown service is 404', (await adminGet('/api/v1/circuit-breakers/fax')).status === 404);
  const { body } = await adminGet('/api/v1/reports/failures');
  const { mpesa } = body.services;
  check(`history: mpesa had ${mpesa.outages} outage of ${mpesa.longestOutage} ms`, mpesa.outages === 1);
  const metrics = await adminGet('/ops/metrics');
  check('Prometheus can scrape', metrics.body.includes('fusewire_breaker_state{breaker="mpesa",state="closed"} 1'));
  const { body: health } = await get('/health');
  check(`GET /health: ${health.status}, score ${health.score}`, health.status === 'ok');
}
