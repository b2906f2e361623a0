/** Tests of nerdgraph beyond its document, which `tests/dialects` tests. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';
import {
  CircuitBreaker,
  CircuitBreakerFactory,
  CircuitBreakerMonitor,
  CircuitState,
  dashboardInput,
} from '@fusewire/dialects/nerdgraph';
import type { CircuitBreakerConfig, CircuitBreakerMetric, CircuitBreakerStats } from '@fusewire/dialects/nerdgraph';

const config: CircuitBreakerConfig = {
  name: 'nerdgraph-api',
  failureThreshold: 2,
  successThreshold: 1,
  timeout: 30_000,
  retryDelay: 5_000,
  monitoringWindow: 60_000,
};
const silent = { debug: () => {}, info: () => {}, warn: () => {} };
const fail = () => Promise.reject(new Error('down'));

test('CircuitBreaker calls the work without arguments, so that its parameters keep their defaults', async () => {
  const breaker = new CircuitBreaker(config, silent);
  const page = await breaker.execute(async (number: number = 1) => number);
  assert.equal(page, 1);
});

test('a timeout and the signal of a call abort work with a parameter', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const breaker = new CircuitBreaker({ ...config, timeout: 1_000 }, silent);
  const signals: AbortSignal[] = [];
  const hang = ({ signal }: { readonly signal: AbortSignal }) => {
    signals.push(signal);
    return new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const late = assert.rejects(breaker.execute(hang), { message: 'Timeout after 1000ms' });
  t.mock.timers.tick(1_000);
  await late;
  const controller = new AbortController();
  const aborted = assert.rejects(breaker.execute(hang, { signal: controller.signal }), { name: 'AbortError' });
  controller.abort();
  await aborted;
  assert.deepEqual([signals.length, signals.every((signal) => signal.aborted)], [2, true]);
  assert.equal(breaker.getStats().totalFailures, 1);
});

test('CircuitState.OPEN is a type, as that of an enum is', () => {
  const named = (state: CircuitState): 'rejects' | 'runs' => {
    const open: CircuitState.OPEN = CircuitState.OPEN;
    return state === open ? 'rejects' : 'runs';
  };
  const others: (CircuitState.CLOSED | CircuitState.HALF_OPEN)[] = [CircuitState.CLOSED, CircuitState.HALF_OPEN];
  // @ts-expect-error -- a closed circuit is not open.
  const wrong: CircuitState.OPEN = CircuitState.CLOSED;
  assert.deepEqual([...others, wrong, CircuitState.OPEN].map(named), ['runs', 'runs', 'runs', 'rejects']);
});

test('CircuitBreaker without a type of its values takes any, as in the document', async () => {
  const breaker: CircuitBreaker = new CircuitBreaker(config, silent);
  // An unknown value would have no length.
  const values: CircuitBreaker extends CircuitBreaker<infer T> ? T[] : never = [
    await breaker.execute(async () => 'abc'),
  ];
  assert.equal(values[0].length, 3);
});

test('execute() has the type of the breaker, unless the call has its own', async () => {
  const breaker = new CircuitBreaker<string>(config, silent);
  const inferred: number = await breaker.execute(async () => 1);
  const said: string = await breaker.execute(async () => 'one');
  const another: CircuitBreaker<string> = new CircuitBreakerFactory(silent).create(config);
  assert.equal(another.getStats().state, 'CLOSED');
  assert.deepEqual([inferred, said], [1, 'one']);
  const stats: CircuitBreakerStats = breaker.getStats();
  assert.equal(stats.lastError, undefined);
  // @ts-expect-error: every option is required
  assert.throws(() => new CircuitBreaker({ name: 'incomplete' }, silent), { code: 'ERR_OPTIONS' });
});

test('CircuitBreaker ignores a rejection by a breaker inside the call', async () => {
  const inside = new CircuitBreaker({ ...config, name: 'inside' }, silent);
  const outside = new CircuitBreaker({ ...config, name: 'outside' }, silent);
  inside.engine.forceOpen();
  for (let call = 0; call < 3; call++) {
    await assert.rejects(
      outside.execute(() => inside.execute(async () => 1)),
      { message: "Circuit breaker 'inside' is OPEN" },
    );
  }
  assert.equal(outside.getStats().state, 'CLOSED');
  assert.equal(outside.getStats().totalFailures, 0);
  assert.equal(inside.getStats().totalCalls, 3);
});

test('CircuitBreaker emits forced transitions, and none of the shadow mode', async () => {
  const breaker = new CircuitBreaker(config, silent);
  const emitted: string[] = [];
  for (const event of ['circuitOpened', 'circuitClosed'] as const) breaker.on(event, () => emitted.push(event));
  const release = breaker.engine.shadow();
  await Promise.allSettled([breaker.execute(fail), breaker.execute(fail)]);
  assert.deepEqual(emitted, []);
  release();
  assert.equal(breaker.getStats().state, 'OPEN');
  breaker.reset();
  breaker.engine.forceOpen();
  breaker.engine.releaseOverride();
  assert.deepEqual(emitted.slice(-2), ['circuitOpened', 'circuitClosed']);
});

test('CircuitBreaker emits events in order although a listener calls it again', async () => {
  const breaker = new CircuitBreaker(config, silent);
  const emitted: string[] = [];
  breaker.on('failure', ({ error, state }) => {
    emitted.push(`${error.message} ${state}`);
    if (emitted.length === 1) breaker.execute(() => Promise.reject(new Error('again'))).catch(() => {});
  });
  breaker.on('circuitOpened', ({ failureCount }) => emitted.push(`opened ${failureCount}`));
  await assert.rejects(breaker.execute(fail));
  await assert.rejects(breaker.execute(fail));
  assert.deepEqual(emitted, ['down CLOSED', 'opened 2', 'again OPEN']);
});

test('CircuitBreaker gives listener and caller the same rejection, while the engine rejects other calls', async () => {
  const breaker = new CircuitBreaker(config, silent);
  const emitted: unknown[] = [];
  breaker.on('callRejected', ({ error }) => emitted.push(error));
  breaker.engine.forceOpen();
  await assert.rejects(
    breaker.engine.execute(async () => 1),
    { message: /^Circuit breaker nerdgraph-api is OPEN/ },
  );
  const caught = [1, 2].map(() => breaker.execute(async () => 1).catch((error: unknown) => error));
  const [one, other] = await Promise.all(caught);
  assert.deepEqual([emitted[1] === one, emitted[2] === other, one === other], [true, true, false]);
  assert.equal((one as { reason: string }).reason, 'forced-open');
});

test('CircuitBreaker emits the rejection of a call that a listener makes', async () => {
  const breaker = new CircuitBreaker(config, silent);
  const emitted: Error[] = [];
  const again: Promise<unknown>[] = [];
  breaker.on('callRejected', ({ error }) => {
    if (emitted.push(error) === 1) again.push(breaker.execute(async () => 1));
  });
  breaker.engine.forceOpen();
  const error = await breaker.execute(async () => 1).catch((rejection: unknown) => rejection);
  await assert.rejects(again[0] as Promise<unknown>, { message: "Circuit breaker 'nerdgraph-api' is OPEN" });
  assert.equal(emitted.length, 2);
  assert.equal(emitted[0], error);
});

test('the factory makes one breaker for each name', async () => {
  const factory = new CircuitBreakerFactory(silent);
  const breaker = factory.create(config);
  assert.equal(factory.create({ ...config, timeout: 1 }), breaker);
  assert.equal(factory.get('nerdgraph-api'), breaker);
  assert.equal(factory.get('unknown'), undefined);
  const all = factory.getAll();
  all.clear();
  assert.equal(factory.getAll().size, 1);
  await Promise.allSettled([breaker.execute(fail), breaker.execute(fail)]);
  factory.reset('unknown');
  assert.equal(breaker.getStats().state, 'OPEN');
  factory.reset('nerdgraph-api');
  assert.equal(breaker.getStats().state, 'CLOSED');
  assert.throws(() => factory.create({ ...config, name: '' }), /name must be/);
  assert.throws(() => factory.create(undefined as never), { code: 'ERR_OPTIONS' });
});

test('CircuitBreakerMonitor reports at its interval until it is stopped', async (t) => {
  const errors = t.mock.method(console, 'error', () => {});
  t.mock.timers.enable({ apis: ['setInterval'] });
  const streamed: CircuitBreakerMetric[][] = [];
  const factory = new CircuitBreakerFactory(silent);
  const streamMetrics = async (metrics: CircuitBreakerMetric[]) => {
    streamed.push(metrics);
    if (streamed.length === 2) throw new Error('no connection');
  };
  const monitor = new CircuitBreakerMonitor(factory, { streamMetrics });
  monitor.startMonitoring();
  t.mock.timers.tick(60_000);
  assert.equal(streamed.length, 0, 'streams nothing without a breaker');
  factory.create(config);
  monitor.startMonitoring(10);
  t.mock.timers.tick(20);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(streamed.length, 2);
  assert.equal(errors.mock.calls[0]?.arguments[0], 'Failed to report circuit breaker metrics:');
  monitor.stopMonitoring();
  t.mock.timers.tick(120_000);
  assert.equal(streamed.length, 2);
  for (const interval of [0, -1, Number.NaN, 2 ** 31, '60' as never]) {
    assert.throws(
      () => monitor.startMonitoring(interval),
      /Circuit breaker monitor nerdgraph: intervalMs must be a number of milliseconds from 1/,
    );
  }
});

test('CircuitBreakerMonitor rejects a factory without getAll, and a streamer without streamMetrics', () => {
  const streamer = { streamMetrics: async () => {} };
  for (const factory of [undefined, {}]) {
    assert.throws(() => new CircuitBreakerMonitor(factory as never, streamer), /takes a CircuitBreakerFactory/);
  }
  assert.throws(
    () => new CircuitBreakerMonitor(new CircuitBreakerFactory(silent), {} as never),
    /function streamMetrics/,
  );
});

test('CircuitBreaker and CircuitBreakerMonitor do not keep the process alive', () => {
  const program = `
    const { CircuitBreakerFactory, CircuitBreakerMonitor } = require('@fusewire/dialects/nerdgraph');
    const factory = new CircuitBreakerFactory(console);
    new CircuitBreakerMonitor(factory, { streamMetrics: async () => {} }).startMonitoring();
    factory.create(${JSON.stringify(config)}).execute(async () => 'fine').then(console.log);
  `;
  const output = execFileSync(process.execPath, ['--eval', program], { cwd: import.meta.dirname, encoding: 'utf8' });
  assert.match(output, /^nerdgraph-api call succeeded in \d+ms\nfine\n$/);
});

test('dashboardInput returns the widgets of the document as lines and tables of an account', () => {
  const { name, pages } = dashboardInput(1_234_567);
  assert.equal(name, 'Circuit Breaker Health');
  assert.deepEqual(
    pages[0]?.widgets.map(({ title, layout, visualization }) => [title, layout.column, visualization.id]),
    [
      ['Circuit Breaker States', 1, 'viz.table'],
      ['Failure Rates', 5, 'viz.line'],
      ['Response Times', 9, 'viz.line'],
    ],
  );
  assert.deepEqual(pages[0]?.widgets[0]?.rawConfiguration.nrqlQueries[0]?.accountIds, [1_234_567]);
  for (const wrong of [0, 1.5, '1', undefined]) assert.throws(() => dashboardInput(wrong as never), RangeError);
});
