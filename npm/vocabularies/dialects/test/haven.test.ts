/** Tests of haven beyond its document, which `tests/dialects` tests. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { beforeEach, test } from 'node:test';
import {
  CircuitBreaker,
  CircuitBreakerManager,
  circuitBreakerManager,
  smsCircuitBreaker,
} from '@fusewire/dialects/haven';
import { adaptive } from 'fusewire/adaptive';
import type { CircuitAlert } from '@fusewire/dialects/haven';
import { havenRoutes, management } from '@fusewire/operations/management';

const fail = () => Promise.reject(new Error('no connection'));

let lines: { level: string; message: string; details: unknown }[];
const line = (level: string) => (message: string, details: unknown) => lines.push({ level, message, details });
const logger = { info: line('info'), warn: line('warn') };
beforeEach(() => {
  lines = [];
});

function managerOf(options = {}): CircuitBreakerManager {
  const manager = new CircuitBreakerManager();
  manager.configure({ logger, ...options });
  return manager;
}

test('the module creates the engine of a ready-made breaker with its first use', () => {
  const program = `
    const { WebAssembly: { Instance } } = globalThis;
    let instances = 0;
    WebAssembly.Instance = function (...args) { instances++; return new Instance(...args); };
    const haven = require('@fusewire/dialects/haven');
    const before = instances;
    haven.mpesaCircuitBreaker.execute(async () => 'token').then((token) => console.log(before, instances > 0, token));
  `;
  const output = execFileSync(process.execPath, ['--eval', program], { cwd: import.meta.dirname, encoding: 'utf8' });
  assert.equal(output, '0 true token\n');
});

test('a ready-made breaker takes other thresholds and times while it runs', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  circuitBreakerManager.configure({ logger: false });
  smsCircuitBreaker.engine.update({ failureThreshold: 2, timeout: 1_000, resetTimeout: 5_000 });
  const slow = assert.rejects(
    smsCircuitBreaker.execute(() => new Promise(() => {})),
    { message: 'Circuit breaker sms timeout after 1000ms' },
  );
  t.mock.timers.tick(1_000);
  await slow;
  await assert.rejects(smsCircuitBreaker.execute(fail), { message: 'no connection' });
  assert.equal(smsCircuitBreaker.state, 'OPEN');
  t.mock.timers.tick(5_000);
  assert.equal(smsCircuitBreaker.state, 'HALF_OPEN');
});

test('CircuitBreakerManager logs state changes with their context, and sends an alert for an opening', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const alerts: CircuitAlert[] = [];
  const manager = managerOf({ onOpen: (alert: CircuitAlert) => alerts.push(alert) });
  const breaker = manager.create('mpesa', { failureThreshold: 2, resetTimeout: 60_000 });
  await Promise.allSettled([breaker.execute(fail), breaker.execute(fail)]);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.level, 'warn');
  assert.equal(lines[0]?.message, 'Circuit breaker mpesa: CLOSED to OPEN');
  const { nextAttempt, timestamp, ...context } = lines[0]?.details as CircuitAlert;
  assert.deepEqual(context, {
    service: 'mpesa',
    from: 'CLOSED',
    to: 'OPEN',
    reason: 'failure-threshold',
    failureCount: 2,
    lastError: 'no connection',
  });
  assert.equal(Date.parse(nextAttempt as string) - Date.parse(timestamp), 60_000);
  assert.deepEqual(
    alerts.map(({ message, service }) => [message, service]),
    [['Circuit breaker mpesa is OPEN', 'mpesa']],
  );
  manager.reset('mpesa');
  assert.deepEqual([lines[1]?.level, lines[1]?.message], ['info', 'Circuit breaker mpesa: OPEN to CLOSED']);
});

test('CircuitBreakerManager logs calls above one second, including failed ones', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const manager = managerOf();
  const breaker = manager.create('sms');
  const settled = async (call: Promise<unknown>, span: number) => {
    t.mock.timers.tick(span);
    await call.catch(() => {});
  };
  const later = (span: number) => new Promise((resolve) => setTimeout(resolve, span));
  await settled(
    breaker.execute(() => later(1_000)),
    1_000,
  );
  await settled(
    breaker.execute(() => later(1_001)),
    1_001,
  );
  await settled(
    breaker.execute(() => later(2_000).then(fail)),
    2_000,
  );
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['Slow external service call: sms took 1001ms', 'Slow external service call: sms took 2000ms'],
  );
  assert.deepEqual(lines[1]?.details, { service: 'sms', duration: 2_000, state: 'CLOSED' });
});

test('CircuitBreaker isolates a call from an onOpen that throws, and warns its logger', async () => {
  const manager = managerOf({
    onOpen: () => {
      throw new Error('pager');
    },
  });
  const breaker = manager.create('kcb', { failureThreshold: 1 });
  await assert.rejects(breaker.execute(fail), { message: 'no connection' });
  assert.equal(breaker.engine.getStats().listenerErrors, 1);
  const warnings = lines.map(({ level, message }) => `${level}: ${message}`);
  assert.ok(
    warnings.some((text) => text.startsWith('warn: Circuit breaker kcb: a listener')),
    warnings.join(),
  );
});

test('CircuitBreakerManager logs every call on demand', async () => {
  const manager = managerOf({ logCalls: true });
  const breaker = manager.create('sms');
  await breaker.execute(async () => 'sent');
  await assert.rejects(breaker.execute(fail));
  assert.deepEqual(
    lines.map(({ level, details }) => [level, (details as { outcome: string }).outcome]),
    [
      ['info', 'success'],
      ['info', 'failure'],
    ],
  );
});

test('a 429 with Retry-After opens the circuit for that time, and one without it is a failure', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const breaker = managerOf().create('sms', { resetTimeout: 60_000 });
  const limited = (headers: object) => async () => {
    throw Object.assign(new Error('HTTP 429'), { response: { status: 429, headers } });
  };
  await assert.rejects(breaker.execute(limited({})), { message: 'HTTP 429' });
  assert.deepEqual([breaker.state, breaker.getStats().failureCount], ['CLOSED', 1]);
  await assert.rejects(breaker.execute(limited({ 'retry-after': '7' })), { message: 'HTTP 429' });
  assert.equal(breaker.state, 'OPEN');
  t.mock.timers.tick(7_000);
  assert.equal(breaker.state, 'HALF_OPEN');
});

test('the classification of the program comes before that of the document', async () => {
  const classify = (outcome: object) => ('error' in outcome ? ('ignore' as const) : undefined);
  const breaker = new CircuitBreaker('kcb', { failureThreshold: 1, classify });
  await assert.rejects(breaker.execute(fail));
  assert.equal(breaker.state, 'CLOSED');
});

test('work with a parameter receives the context of the call, and the signal of the caller ends it', async () => {
  const breaker = managerOf().create('mpesa', { inFlight: { limit: 1 }, successThreshold: 1 });
  const argumentsOf: unknown[][] = [];
  await breaker.execute((...args: unknown[]) => argumentsOf.push(args));
  const client = new AbortController();
  const call = breaker.execute(
    ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    { signal: client.signal },
  );
  client.abort(new Error('client gone'));
  await assert.rejects(call, { message: 'client gone' });
  assert.deepEqual([argumentsOf, breaker.getStats().failureCount], [[[]], 0]);
});

test('update() changes a running breaker, and adaptive() takes its engine', async () => {
  const breaker = managerOf().create('kcb', { failureThreshold: 5 });
  breaker.update({ failureThreshold: 1 });
  const ahead = adaptive(breaker.engine, { prediction: { mode: 'shadow' } });
  await assert.rejects(breaker.execute(fail));
  assert.equal(breaker.state, 'OPEN');
  ahead.stop();
});

/** Runs a program in a process of its own, whose ready-made breakers nobody has used. Returns its output. */
function outputOf(program: string, environment: Record<string, string> = {}): string {
  const env = { ...process.env, ...environment };
  const prefix = "const { circuitBreakerManager: manager } = require('@fusewire/dialects/haven');";
  return execFileSync(process.execPath, ['--eval', prefix + program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env,
  });
}

const NUMBERS = `const { failureThreshold, openTime } = manager.get('sms').engine.explain();
  console.log(failureThreshold, openTime);`;

test('variables configure the ready-made breakers', () => {
  const variables = { BREAKER_SMS_RESET_TIMEOUT: '4000', BREAKER_SMS_FAILURE_THRESHOLD: '2', BREAKER_FAX_TIMEOUT: '1' };
  assert.equal(outputOf(NUMBERS, variables), '2 4000\n');
});

test('options and environments configure the ready-made breakers', () => {
  const configured = `manager.configure({
    breakers: { sms: { failureThreshold: 4, resetTimeout: 30000 } },
    environments: { development: { failureThreshold: 2 } },
  });`;
  assert.equal(outputOf(configured + NUMBERS, { NODE_ENV: 'development' }), '2 30000\n');
  assert.equal(outputOf(configured + NUMBERS, { NODE_ENV: 'production' }), '4 30000\n');
});

test('configure() reports every mistake about the ready-made breakers, and changes nothing then', () => {
  const wrong = `try {
    manager.configure({ breakers: { sms: { timeout: -1 } }, variables: { BREAKER_KCB_TIMEOUT: '10s' } });
  } catch (error) { console.log(error.problems.length, error.message); }`;
  const [first, numbers] = outputOf(`${wrong} ${NUMBERS}`).trim().split('\n');
  assert.match(String(first), /^2 .*(?=.*sms\.timeout must)(?=.*BREAKER_KCB_TIMEOUT must)/);
  assert.equal(numbers, '5 60000');
  assert.throws(() => managerOf({ breakers: { fax: {} } }), /breakers must be options of/);
});

test('configure() refuses options for a ready-made breaker that is in use', () => {
  assert.ok(smsCircuitBreaker.engine);
  assert.throws(() => circuitBreakerManager.configure({ breakers: {} }), /Circuit breaker sms is in use/);
});

test('execute() rejects, and does not throw, if a variable is invalid', () => {
  const program = "manager.get('kcb').execute(async () => 1).catch((error) => console.log(error.name));";
  assert.equal(outputOf(program, { BREAKER_KCB_TIMEOUT: '10s' }), 'ConfigurationError\n');
});

test('CircuitBreakerManager logs nothing with logger: false', async () => {
  const manager = managerOf({ logger: false });
  const breaker = manager.create('email', { failureThreshold: 1 });
  await assert.rejects(breaker.execute(fail));
  assert.equal(breaker.state, 'OPEN');
  assert.deepEqual(lines, []);
  assert.equal(breaker.engine.getStats().listenerErrors, 0);
});

test('configure() keeps the options that are missing', async () => {
  const alerts: string[] = [];
  const manager = managerOf({ onOpen: ({ service }: CircuitAlert) => alerts.push(service) });
  manager.configure({ logger: false });
  const breaker = manager.create('email', { failureThreshold: 1 });
  manager.configure({});
  await assert.rejects(breaker.execute(fail));
  assert.deepEqual([lines, alerts], [[], ['email']]);
});

test('simulateFailure runs calls that succeed, and keeps the 100 breakers used last', async () => {
  const manager = managerOf();
  const fine = await manager.simulateFailure({ serviceName: 'fine', shouldFail: false });
  assert.deepEqual(fine.results, [{ iteration: 1, success: true, circuitBreakerOpen: false }]);
  const stateOf = async (serviceName: string, iterations?: number) => {
    const { stats } = await manager.simulateFailure({ serviceName, shouldFail: iterations !== undefined, iterations });
    return stats.state;
  };
  assert.equal(await stateOf('first', 3), 'OPEN');
  for (let other = 0; other < 99; other++) await stateOf(`other-${other}`);
  assert.equal(await stateOf('first'), 'OPEN');
  for (let other = 0; other < 100; other++) await stateOf(`other-${other}`);
  assert.equal(await stateOf('first'), 'CLOSED');
  const { timeout, error, stats } = await manager.simulateTimeout({ serviceName: 'quick', delay: 0 });
  assert.deepEqual([timeout, error, stats.successCount], [false, undefined, 1]);
});

test('CircuitBreakerManager reports health and metrics', async () => {
  const manager = managerOf();
  const [up, down] = [manager.create('up'), manager.create('down', { failureThreshold: 2 })];
  assert.equal(manager.getHealth().status, 'healthy');
  await up.execute(async () => 'fine');
  await Promise.allSettled([down.execute(fail), down.execute(fail)]);
  await assert.rejects(down.execute(fail));

  const { timestamp, services, ...health } = manager.getHealth();
  assert.ok(!Number.isNaN(Date.parse(timestamp)));
  assert.deepEqual(health, { status: 'degraded', total: 2, closed: 1, open: 1, halfOpen: 0 });
  assert.deepEqual(services['up'], { state: 'CLOSED', healthy: true });
  assert.equal(services['down']?.healthy, false);
  const { summary, services: metrics } = manager.getMetrics();
  assert.deepEqual(summary, {
    totalRequests: 4,
    totalSuccesses: 1,
    totalFailures: 2,
    totalTimeouts: 0,
    totalRejected: 1,
    failureRate: (2 / 3) * 100,
  });
  assert.equal(metrics['down']?.failureRate, 100);
  assert.equal(metrics['up']?.lastFailureTime, null);
  assert.match(String(metrics['up']?.lastSuccessTime), /^\d{4}-.*Z$/);
  assert.equal(managerOf().getMetrics().summary.failureRate, 0);
  assert.deepEqual(
    manager.testExternalServices().map(({ service, available }) => [service, available]),
    [
      ['up', true],
      ['down', false],
    ],
  );
  up.engine.forceOpen();
  assert.equal(manager.getHealth().status, 'unhealthy');
});

test('CircuitBreakerManager finds, resets and lists its services', () => {
  const manager = managerOf();
  const breaker = manager.create('mpesa');
  assert.equal(manager.get('mpesa'), breaker);
  assert.throws(() => manager.create('mpesa'), /There is a circuit breaker mpesa already/);
  assert.equal(manager.reset('unknown'), false);
  assert.equal(manager.getStats('unknown'), undefined);
  assert.deepEqual(manager.getStats('mpesa'), { state: 'CLOSED', failureCount: 0, successCount: 0, uptime: 100 });
  manager.resetAll();
  assert.deepEqual([...manager.getAll().keys()], ['mpesa']);
});

test('the routes of the document serve the breakers of a CircuitBreakerManager', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const manager = managerOf({ logger: false });
  for (const name of ['mpesa', 'sms']) manager.create(name, { failureThreshold: 1 });
  await assert.rejects(manager.get('sms')?.execute(fail) as Promise<unknown>);
  const handle = management({
    registry: new Map([...manager.getAll()].map(([name, { engine }]) => [name, engine])),
    routes: havenRoutes,
    basePath: '/api/v1',
    authorize: () => ({ who: 'admin' }),
  });
  const send = async (method: string, path: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await handle(new Request(`http://127.0.0.1/api/v1/circuit-breakers${path}`, { method, headers }));
    return (await response.json()) as unknown;
  };
  const stats = manager.getAllStats();
  assert.equal(stats['sms']?.state, 'OPEN');
  assert.deepEqual(await send('GET', ''), stats);
  assert.deepEqual(await send('GET', '/sms'), stats['sms']);
  await send('POST', '/sms/reset');
  assert.equal(manager.getStats('sms')?.state, 'CLOSED');
});

test('rejects all invalid input in one error, under the names of the document', async () => {
  assert.throws(() => new CircuitBreaker('mpesa', { failureThreshold: 0, timeout: -1, retryDelay: 5 } as never), {
    code: 'ERR_OPTIONS',
    message: /^Circuit breaker mpesa: (?=.*failureThreshold must)(?=.*timeout must)(?=.*retryDelay is not an option)/,
  });
  assert.throws(() => new CircuitBreaker('', {}), /name must be/);
  assert.throws(() => new CircuitBreaker(undefined as never), /name must be given/);
  for (const options of [5, null, [], new Date(0)]) {
    assert.throws(() => new CircuitBreaker('mpesa', options as never), /options must be an object/);
  }
  assert.throws(
    () => new CircuitBreaker('mpesa', { name: 'kcb' } as never),
    /name must be given once, before the options/,
  );
  assert.throws(
    () => new CircuitBreaker('mpesa', { resetTimeout: { initial: -1 } } as never),
    /resetTimeout\.initial must/,
  );
  const manager = managerOf();
  assert.throws(
    () => manager.configure({ logger: {}, onOpen: 1, slowCallDuration: -1, slow: 1 } as never),
    /(?=.*logger must)(?=.*onOpen must)(?=.*slowCallDuration must)(?=.*slow is not an option)/,
  );
  await assert.rejects(manager.simulateFailure({ iterations: 1_000 } as never), {
    message: /^Simulation failure: (?=.*iterations must be .*, got 1000)(?=.*serviceName must be given)/,
  });
  for (const logger of [5, null, 'console']) {
    assert.throws(() => manager.configure({ logger } as never), /logger must be false, or an object/);
  }
  await assert.rejects(manager.simulateTimeout({ serviceName: 'a', delay: -1 }), /delay must be/);
  await assert.rejects(manager.simulateFailure({ serviceName: 'a', iterations: 1.5 }), /iterations must be a whole/);
  for (const serviceName of [5, '', 'x'.repeat(201)]) {
    await assert.rejects(manager.simulateFailure({ serviceName } as never), /serviceName must be a string of 1 to 200/);
  }
});
