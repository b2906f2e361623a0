/** Tests of conexxus beyond its document, which `tests/dialects` tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { BreakerRegistry, CircuitOpenError, retry } from 'fusewire';
import { eventLog, eventLogTable, memoryEventSink } from '@fusewire/operations/events';
import {
  CircuitBreaker,
  clientOptions,
  healthStatus,
  readEnvironment,
  retryOptions,
  syncFailureLogger,
  syncRunner,
  validateEnvironment,
} from '@fusewire/dialects/conexxus';
import type { SyncFailureRecord } from '@fusewire/dialects/conexxus';

const KEY = 'key-0123456789';
const variables = { CONEXXUS_API_URL: 'https://api.conexxus.real-domain.com', CONEXXUS_API_KEY: KEY };
const environment = validateEnvironment(variables, { logger: false });
const fail = () => Promise.reject(new Error('no connection'));

function recorder() {
  const lines: string[] = [];
  const write = (level: string) => (message: string) => lines.push(`${level} ${message}`);
  return { lines, log: write('log'), warn: write('warn'), error: write('error') };
}

test('CircuitBreaker rejects with an error of fusewire whose cause is the last failure', async () => {
  const logger = recorder();
  const breaker = new CircuitBreaker({ failureThreshold: 1, logger });
  await assert.rejects(breaker.execute(fail), { message: 'no connection' });
  const error = await breaker.execute(async () => 1).catch((rejection: unknown) => rejection);
  assert.ok(error instanceof CircuitOpenError);
  assert.equal(error.message, 'Circuit breaker is OPEN');
  assert.equal((error.cause as Error).message, 'no connection');
  breaker.reset();
  assert.equal(await breaker.execute(async (page: number = 1) => page), 1);
  assert.deepEqual(logger.lines, [
    'log Circuit breaker initialized',
    'warn Circuit breaker state: CLOSED to OPEN (failure-threshold)',
    'log Circuit breaker state: OPEN to CLOSED (reset)',
  ]);
});

test('CircuitBreaker shows no key in the error of an open circuit', async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1, logger: false });
  const headers = { Authorization: `Bearer ${KEY}` };
  const failure = Object.assign(new Error('status code 500'), {
    config: { headers },
    response: { config: { headers } },
  });
  await assert.rejects(
    breaker.execute(() => Promise.reject(failure)),
    failure,
  );
  const error = await breaker.execute(async () => 1).catch((rejection: unknown) => rejection);
  const shown = inspect(error, { depth: 20 });
  assert.match(shown, /Circuit breaker is OPEN.*status code 500/s);
  assert.ok(!shown.includes(KEY), shown);
});

test('CircuitBreaker admits one call at a time while half-open', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const breaker = new CircuitBreaker({ failureThreshold: 1, logger: false });
  await assert.rejects(breaker.execute(fail));
  t.mock.timers.tick(60_000);
  let settle: (value: string) => void = () => {};
  const probe = breaker.execute(() => new Promise<string>((resolve) => (settle = resolve)));
  await assert.rejects(
    breaker.execute(async () => 'another'),
    { message: 'Circuit breaker is HALF_OPEN' },
  );
  settle('fine');
  assert.equal(await probe, 'fine');
});

test('CircuitBreaker does not limit the duration of a call', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const breaker = new CircuitBreaker({ logger: false });
  const call = breaker.execute(() => new Promise((resolve) => setTimeout(resolve, 90_000, 'late')));
  t.mock.timers.tick(90_000);
  assert.equal(await call, 'late');
});

test('rejects all invalid input in one error, under the names of the document', () => {
  assert.throws(
    () => new CircuitBreaker({ timeout: 0, monitoringPeriod: '1m', resetTimeout: 5, logger: {} } as never),
    {
      code: 'ERR_OPTIONS',
      message:
        /^Circuit breaker conexxus: (?=.*\btimeout must be .*, got 0)(?=.*monitoringPeriod must be .*, got a string)(?=.*resetTimeout is not an option)(?=.*logger must be false, or)/,
    },
  );
  assert.throws(() => syncFailureLogger({ eventLog: {}, patience: 0 } as never), {
    message:
      /^Sync failure logger conexxus: (?=.*eventLog must)(?=.*patience must)(?=.*circuitBreaker must be given)(?=.*environment must be given)/,
  });
  const eventLog = { create: async () => {} };
  assert.throws(
    () => syncFailureLogger({ eventLog, circuitBreaker: {}, environment: variables.CONEXXUS_API_KEY } as never),
    {
      message:
        /(?=.*circuitBreaker must be a CircuitBreaker)(?=.*environment must be what validateEnvironment returns)/,
    },
  );
  assert.throws(
    () => new CircuitBreaker({ timeout: { initial: -1 }, logger: false } as never),
    /\btimeout\.initial must/,
  );
  for (const other of [undefined, 5, {}, { ...variables, CONEXXUS_TIMEOUT: '30000' }]) {
    assert.throws(() => clientOptions(other as never), /clientOptions takes what validateEnvironment returns/);
    assert.throws(() => retryOptions(other as never), /retryOptions takes what validateEnvironment returns/);
  }
  const breaker = new CircuitBreaker({ logger: false });
  assert.throws(() => healthStatus({} as never, { apiConnection: true }), /healthStatus takes a CircuitBreaker/);
  assert.throws(() => healthStatus(breaker, {} as never), /apiConnection must be given/);
  assert.throws(
    () => healthStatus(breaker, { apiConnection: 'yes' as never }),
    /apiConnection must be .*, got a string/,
  );
  assert.throws(() => validateEnvironment(null as never), /env\.read: the values must be an object/);
  assert.throws(() => validateEnvironment(variables, { logger: 5, strict: true } as never), {
    message: /^Environment conexxus: (?=.*logger must be false, or)(?=.*strict is not an option)/,
  });
});

test('validateEnvironment returns variables that do not show the key', () => {
  const logger = recorder();
  const read = validateEnvironment(variables, { logger });
  assert.deepEqual(logger.lines, ['log Conexxus environment validation passed']);
  assert.equal(read.CONEXXUS_API_KEY, KEY);
  assert.ok(!inspect(read).includes(KEY) && !JSON.stringify(read).includes(KEY));
  assert.deepEqual(clientOptions(read), {
    baseURL: 'https://api.conexxus.real-domain.com',
    timeout: 30_000,
    maxRedirects: 5,
    maxContentLength: 50 * 1024 * 1024,
    maxBodyLength: 50 * 1024 * 1024,
  });
});

test('retryOptions makes 3 more attempts, after 1, 2 and 4 seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const attempts: number[] = [];
  const call = retry(retryOptions(environment)).execute(() => {
    attempts.push(Date.now());
    return fail();
  });
  const ended = assert.rejects(call, { message: 'no connection' });
  for (let second = 0; second < 10; second++) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(1_000);
  }
  await ended;
  assert.deepEqual(attempts, [0, 1_000, 3_000, 7_000]);
});

function failureLog(create: (args: { data: SyncFailureRecord }) => PromiseLike<unknown>, options = {}) {
  const logger = recorder();
  const circuitBreaker = new CircuitBreaker({ logger: false });
  const log = syncFailureLogger({ eventLog: { create }, circuitBreaker, environment, logger, ...options });
  return { log, logger };
}

test('syncFailureLogger writes no secret', async () => {
  const records: SyncFailureRecord[] = [];
  const { log } = failureLog(async ({ data }) => records.push(data));
  const secrets = [KEY, 'hunter22', 'ey.a.b', 's3cr3t', 'c00kie', 'pa55', 'abc123', '4111'];
  const error = new Error(
    `GET https://user:hunter22@api/items?api_key=s3cr3t failed, Authorization: Bearer ey.a.b ${KEY}`,
  );
  await log('fetch_inventory', error, {
    headers: { Authorization: 'Bearer ey.a.b', Cookie: 'c00kie', 'X-Api-Key': KEY },
    user: { name: 'someone', userPassword: 'pa55', apiKey: KEY },
    url: `https://api/items?token=s3cr3t&page=2`,
    body: JSON.stringify({ password: 'pa55', page: 2 }),
  });
  await log('push_sales', new Error('Authorization: Token abc123 was refused for pan: 4111111111111111'));
  const text = JSON.stringify(records);
  for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  const { payload } = records[0] as SyncFailureRecord;
  assert.match(payload.error, /^GET https:\/\/\[secret\]@api\/items\?api_key=\[secret\] failed/);
  assert.match(payload.data as string, /"name":"someone".*page=2/);
});

test('syncFailureLogger writes data of any size and type', async () => {
  const records: SyncFailureRecord[] = [];
  const { log, logger } = failureLog(async ({ data }) => records.push(data));
  const circular: Record<string, unknown> = { id: 1n, when: new Date(0), bytes: new Uint8Array(7) };
  circular['self'] = circular;
  const unreadable = {
    get field(): unknown {
      throw new Error('no');
    },
  };
  const large = { rows: Array.from({ length: 1_000_000 }, (_, row) => row) };
  for (const data of [circular, unreadable, large, 'x'.repeat(5_000), null, () => {}, Symbol('s'), undefined]) {
    await log('push_sales', 'no error', data);
  }
  const datas = records.map(({ payload }) => payload.data);
  assert.ok(records.every(({ payload }) => payload.error === 'no error' && payload.stack === undefined));
  assert.match(
    datas[0] as string,
    /^\{"id":"1","when":"1970-01-01T00:00:00.000Z","bytes":"\[7 bytes\]","self":"\[circular\]"\}$/,
  );
  assert.equal(datas[1], '{"field":"[getter]"}');
  assert.match(datas[2] as string, /^\{"rows":\[0,1,2,/);
  assert.deepEqual([datas[2]?.length, datas[3]?.length], [1_000, 1_000]);
  assert.deepEqual([datas[4], datas[6], datas[7]], ['null', '"Symbol(s)"', undefined]);
  assert.deepEqual(logger.lines, []);
});

test('syncFailureLogger cuts data after 1 000 characters, and below 10 levels', async () => {
  const records: SyncFailureRecord[] = [];
  const { log } = failureLog(async ({ data }) => records.push(data));
  let deep: unknown = 'bottom';
  for (let level = 0; level < 20; level++) deep = { deep };
  for (const data of ['x'.repeat(1_000), 'x'.repeat(1_001), deep]) await log('push_sales', 'failed', data);
  assert.deepEqual(
    records.map(({ payload }) => payload.data),
    ['x'.repeat(1_000), `${'x'.repeat(999)}…`, `${'{"deep":'.repeat(10)}"…"${'}'.repeat(10)}`],
  );
});

test('syncFailureLogger resolves while the database fails or hangs', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const failing = failureLog(() => Promise.reject(new Error('database is locked')));
  await failing.log('push_sales', new Error('down'));
  assert.deepEqual(failing.logger.lines, [
    'error Conexxus sync failure of push_sales was not logged: database is locked',
  ]);
  const throwing = failureLog(() => {
    throw new Error('not connected');
  });
  await throwing.log('push_sales', new Error('down'));
  assert.match(throwing.logger.lines[0] as string, /not connected$/);
  const hanging = failureLog(() => new Promise(() => {}), { patience: 100 });
  const logged = hanging.log('push_sales', new Error('down'));
  t.mock.timers.tick(100);
  await logged;
  assert.match(hanging.logger.lines[0] as string, /timeout after 100ms$/);
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  await failing.log('push_sales', revoked.proxy);
  assert.equal(failing.logger.lines.length, 2);
});

test('syncFailureLogger writes into an event log, whose sink may hang', async () => {
  const never = () => new Promise<never>(() => {});
  const hanging = { name: 'hanging', append: never, read: never, clean: never, close: never };
  const events = eventLog({ sinks: [memoryEventSink(), hanging], batchDelay: 0 });
  const { log, logger } = failureLog(eventLogTable(events).create);
  await log('push_sales', new Error('down'));
  await events.flush({ timeout: 1 });
  const [event] = (await events.tail()).events;
  assert.equal(event?.kind, 'conexxus.sync.failed.push_sales');
  const { aggregateId, payload, metadata } = event.details as unknown as SyncFailureRecord;
  assert.equal(aggregateId, `conexxus-${Date.parse(payload.timestamp)}`);
  assert.deepEqual([payload.operation, payload.error], ['push_sales', 'down']);
  assert.deepEqual(metadata, { baseURL: variables.CONEXXUS_API_URL, timeout: 30_000, retries: 3 });
  assert.deepEqual(logger.lines, []);
});

test('healthStatus reports an open circuit', async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1, logger: false });
  const sync = { lastSyncTime: new Date(0), lastSyncStatus: 'success' as const, apiConnection: true };
  assert.deepEqual(healthStatus(breaker, sync), { isHealthy: true, state: 'CLOSED', ...sync });
  assert.equal(healthStatus(breaker, { ...sync, lastSyncStatus: 'failed' }).isHealthy, false);
  assert.equal(healthStatus(breaker, { apiConnection: false }).isHealthy, false);
  await assert.rejects(breaker.execute(fail));
  assert.equal(healthStatus(breaker, sync).state, 'OPEN');
  const { isHealthy, lastError } = healthStatus(breaker, { ...sync, lastError: 'no connection' });
  assert.equal(isHealthy, false);
  assert.match(String(lastError), /^Circuit breaker is OPEN, next attempt at \d{4}-.*Z: no connection$/);
});

test('healthStatus names the first cause once, also after a rejection', async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1, logger: false });
  await assert.rejects(breaker.execute(fail));
  for (const lastError of [undefined, 'Circuit breaker is OPEN', 'Circuit breaker is OPEN, next attempt at 12:00']) {
    const shown = healthStatus(breaker, { apiConnection: false, lastError }).lastError;
    assert.match(String(shown), /^Circuit breaker is OPEN, next attempt at \S+Z: no connection$/);
  }
});

test('CircuitBreaker passes the signal of the call to work with a parameter', async () => {
  const breaker = new CircuitBreaker({ logger: false });
  const controller = new AbortController();
  const call = breaker.execute(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    { signal: controller.signal },
  );
  controller.abort(new Error('the client has gone'));
  await assert.rejects(call, { message: 'the client has gone' });
});

test('CircuitBreaker has the limit in flight and the classifier of the engine', async () => {
  const breaker = new CircuitBreaker({
    logger: false,
    failureThreshold: 1,
    inFlight: { limit: 1 },
    classify: (outcome) =>
      'error' in outcome && (outcome.error as Error).message === 'not found' ? 'ignore' : undefined,
  });
  await assert.rejects(breaker.execute(() => Promise.reject(new Error('not found'))));
  assert.equal(breaker.getState(), 'CLOSED');
  void breaker.execute(() => new Promise(() => {}));
  await assert.rejects(
    breaker.execute(async () => 1),
    { reason: 'in-flight-limit' },
  );
});

test('readEnvironment returns nothing if the integration has no variables, and every problem if it has some', () => {
  const logger = recorder();
  assert.equal(readEnvironment({ CONEXXUS_TIMEOUT: '5000' }, { logger }), undefined);
  assert.deepEqual(logger.lines, [
    'log Conexxus integration is off: neither CONEXXUS_API_URL nor CONEXXUS_API_KEY is set',
  ]);
  assert.equal(readEnvironment(variables, { logger })?.CONEXXUS_API_KEY, KEY);
  assert.throws(() => readEnvironment({ CONEXXUS_API_URL: variables.CONEXXUS_API_URL }, { logger }), {
    message: /^Conexxus configuration errors: CONEXXUS_API_KEY/,
  });
  assert.throws(() => readEnvironment({}, { strict: true } as never), /strict is not an option/);
});

test('syncRunner records every failed synchronisation, and does not wait for the log', async () => {
  const records: SyncFailureRecord[] = [];
  const create = ({ data }: { data: SyncFailureRecord }) => {
    records.push(data);
    return new Promise<never>(() => {});
  };
  const circuitBreaker = new CircuitBreaker({ failureThreshold: 2, logger: false });
  const run = syncRunner({ eventLog: { create }, circuitBreaker, environment, logger: false });
  assert.equal(await run('fetch_inventory', async () => 'items'), 'items');
  const request = Object.assign(new Error('status code 503'), { config: { data: `{"sku":"A1","apiKey":"${KEY}"}` } });
  await assert.rejects(
    run('push_sales', ({ signal }) => Promise.reject(signal.aborted ? signal.reason : request)),
    request,
  );
  await assert.rejects(run('fetch_inventory', fail, { page: 2 }), { message: 'no connection' });
  await assert.rejects(run('fetch_inventory', fail), { message: 'Circuit breaker is OPEN' });
  assert.deepEqual(
    records.map(({ eventType, payload }) => [eventType, payload.error, payload.data, payload.circuitBreakerState]),
    [
      ['conexxus.sync.failed.push_sales', 'status code 503', '{"sku":"A1","apiKey":"[secret]"}', 'CLOSED'],
      ['conexxus.sync.failed.fetch_inventory', 'no connection', '{"page":2}', 'OPEN'],
      ['conexxus.sync.failed.fetch_inventory', 'Circuit breaker is OPEN', undefined, 'OPEN'],
    ],
  );
});

test('CircuitBreaker joins a registry', () => {
  const registry = new BreakerRegistry();
  const breaker = new CircuitBreaker({ registry, logger: false });
  assert.equal(registry.get('conexxus'), breaker.engine);
  assert.equal(breaker.engine.explain().failureThreshold, 5);
  assert.throws(() => new CircuitBreaker({ registry, logger: false }), /conexxus/);
  assert.throws(() => new CircuitBreaker({ registry, failureThreshold: 0, name: 'other', logger: false }), {
    code: 'ERR_OPTIONS',
  });
  assert.throws(() => new CircuitBreaker({ registry: new Map() as never, logger: false }), /registry must be/);
});
