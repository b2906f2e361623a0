import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BreakerRegistry, CircuitBreaker, OptionsError } from 'fusewire';
import type { BackendKind, CircuitBreakerOptions } from 'fusewire';
import { onEachBackend, thrown } from './support.ts';

const NO_NUMBERS = ['1', true, null, {}, [], [1], () => 1, Symbol('s'), 1n, new Date(0), new Number(1)];
const NO_COUNTS = [Number.NaN, Infinity, -Infinity, -1, 0, -0, 0.5, 1_000_001];
const NO_SPANS = [Number.NaN, Infinity, -Infinity, -1, 0, -0, 0.999, 31_536_000_001];
const NO_RATES = [Number.NaN, Infinity, -Infinity, -0.1, 0, -0, 1.1];

/** Wrong values of each option: of the wrong type or out of range. `beside` has the options it requires. */
const CASES: Record<string, { type: readonly unknown[]; range: readonly unknown[]; beside?: CircuitBreakerOptions }> = {
  failureThreshold: { type: NO_NUMBERS, range: NO_COUNTS },
  consecutiveFailureThreshold: { type: NO_NUMBERS, range: NO_COUNTS },
  successThreshold: { type: NO_NUMBERS, range: NO_COUNTS },
  minimumCalls: { type: NO_NUMBERS, range: NO_COUNTS, beside: { failureRateThreshold: 0.5 } },
  maxConcurrentRequests: { type: NO_NUMBERS, range: [...NO_COUNTS, 10_001] },
  failureRateThreshold: { type: NO_NUMBERS, range: NO_RATES },
  slowCallRateThreshold: { type: NO_NUMBERS, range: NO_RATES, beside: { slowCallDuration: 100 } },
  slowCallDuration: { type: NO_NUMBERS, range: NO_SPANS, beside: { slowCallRateThreshold: 0.5 } },
  timeout: { type: NO_NUMBERS, range: [Number.NaN, Infinity, -Infinity, -1, 0.5, 2_147_483_648] },
  monitoringWindow: { type: NO_NUMBERS, range: NO_SPANS },
  monitoringPeriod: { type: NO_NUMBERS, range: NO_SPANS },
  retryDelay: { type: NO_NUMBERS, range: NO_SPANS },
  resetTimeout: { type: NO_NUMBERS.filter((value) => !isPlain(value)), range: NO_SPANS },
  'resetTimeout.initial': { type: NO_NUMBERS, range: NO_SPANS },
  'resetTimeout.factor': { type: NO_NUMBERS, range: [Number.NaN, Infinity, -1, 0, 0.9, 101] },
  'resetTimeout.max': { type: NO_NUMBERS, range: NO_SPANS },
  'resetTimeout.jitter': { type: NO_NUMBERS, range: [Number.NaN, Infinity, -0.1, 1.1] },
  window: { type: NO_NUMBERS.filter((value) => !isPlain(value)), range: [] },
  'window.type': { type: [1, true, null, {}, [], () => 1], range: ['', 'Time', 'counts'] },
  'window.duration': { type: NO_NUMBERS, range: NO_SPANS, beside: { window: { type: 'time' } } },
  'window.buckets': { type: NO_NUMBERS, range: [Number.NaN, -1, 0, 1.5, 1_001], beside: { window: { type: 'time' } } },
  'window.size': {
    type: NO_NUMBERS,
    range: [Number.NaN, Infinity, -1, 0, 1.5, 1_000_001],
    beside: { failureThreshold: 1, window: { type: 'count' } },
  },
  halfOpen: { type: NO_NUMBERS.filter((value) => !isPlain(value)), range: [] },
  'halfOpen.calls': {
    type: NO_NUMBERS,
    range: [Number.NaN, -1, 0, 1.5, 10_001],
    beside: { halfOpen: { failureRateThreshold: 0.5 } as never },
  },
  'halfOpen.failureRateThreshold': {
    type: NO_NUMBERS,
    range: NO_RATES,
    beside: { halfOpen: { calls: 5 } as never },
  },
  recovery: { type: NO_NUMBERS.filter((value) => !isPlain(value)), range: [] },
  'recovery.ramp': { type: NO_NUMBERS, range: NO_SPANS },
  'recovery.initialShare': { type: NO_NUMBERS, range: NO_RATES, beside: { recovery: { ramp: 1_000 } } },
  inFlight: { type: NO_NUMBERS.filter((value) => !isPlain(value)), range: [] },
  'inFlight.limit': { type: NO_NUMBERS, range: NO_COUNTS.filter((value) => value !== 0) },
  responseTimes: { type: [0, 1, 'true', null, {}, [], () => true], range: [] },
  seed: { type: NO_NUMBERS, range: [Number.NaN, Infinity, -1, 0.5, 2 ** 53] },
  name: { type: [1, null, true, {}, [], () => 'name', Symbol('name')], range: ['', 'n'.repeat(201)] },
  clock: { type: [1, null, 'clock', {}, []], range: [] },
  classify: { type: [1, null, 'ignore', {}, []], range: [] },
  isFailure: { type: [1, null, 'ignore', {}, []], range: [] },
  logger: { type: [1, null, 'console', {}, { ...console, warn: undefined }], range: [] },
  scope: { type: [1, null, true, {}], range: ['', 'thread'] },
  rejectionStack: { type: [0, null, 'yes', {}], range: [] },
  observables: { type: [0, null, true, {}], range: ['', 'all'] },
};

onEachBackend('the constructor of CircuitBreaker', (backend) => {
  for (const [option, { type, range, beside }] of Object.entries(CASES)) {
    it(`rejects a wrong ${option}`, () => {
      for (const value of type) assertRejected(backend, 'type', option, value, beside);
      for (const value of range) assertRejected(backend, 'range', option, value, beside);
    });
  }

  it('names the breaker, the option, the value and the accepted values', () => {
    const message = (options: object) =>
      thrown(() => new CircuitBreaker({ name: 'mpesa', backend, ...options })).message;
    assert.equal(
      message({ failureThreshold: 0.5 }),
      'Circuit breaker mpesa: failureThreshold must be a whole number from 1 to 1000000, got 0.5',
    );
    assert.equal(
      message({ timeout: '30s' }),
      'Circuit breaker mpesa: timeout must be a number of milliseconds from 1 to 2147483647, or 0 or false for none, got a string',
    );
    assert.match(message({ window: { type: 'count', size: -0 } }), /window\.size must be .*, got -0(?:;|$)/);
    assert.match(message({ successThreshold: 3n }), /got 3n$/);
    assert.match(message({ successThreshold: () => 1 }), /got a function$/);
    assert.match(message({ successThreshold: 'x'.repeat(100_000) }), /got a string$/);
  });

  it('reports every problem at once', () => {
    const error = optionsErrorOf(() => {
      new CircuitBreaker({
        backend,
        failureThreshold: 0.5,
        retries: 3,
        clock: 1,
        window: { type: 'time', size: 3 },
      } as never);
    });
    assert.equal(error.name, 'OptionsError');
    assert.deepEqual(error.problems.map(({ option, kind }) => `${option} ${kind}`).toSorted(), [
      'clock type',
      'failureThreshold range',
      'retries unknown',
      'window.size unknown',
    ]);
    for (const { option } of error.problems) assert.ok(error.message.includes(option));
  });

  it('rejects unknown options, also those named like properties of Object.prototype', () => {
    for (const name of ['retries', 'Timeout', 'time out', '', 'constructor', 'toString', 'hasOwnProperty']) {
      const error = optionsErrorOf(() => new CircuitBreaker({ backend, [name]: 1 } as never));
      assert.deepEqual(
        error.problems.map(({ option, kind }) => ({ option, kind })),
        [{ option: name, kind: 'unknown' }],
      );
      assert.match(error.message, / is not an option(?:; did you mean timeout\?)?$/);
    }
    const proto = JSON.parse('{"__proto__": {"failureThreshold": 1}}') as object;
    const error = optionsErrorOf(() => new CircuitBreaker(Object.assign(proto, { backend }) as never));
    assert.deepEqual(
      error.problems.map(({ option }) => option),
      ['__proto__'],
    );
    assert.equal(({} as { failureThreshold?: number }).failureThreshold, undefined);
  });

  it('rejects an option beside its alias', () => {
    for (const [left, right] of [
      ['monitoringWindow', 'monitoringPeriod'],
      ['resetTimeout', 'retryDelay'],
    ] as const) {
      for (const options of [
        { [left]: 1, [right]: 1 },
        { [right]: 1, [left]: 1 },
      ]) {
        const error = optionsErrorOf(() => new CircuitBreaker({ backend, ...options }));
        assert.deepEqual(
          error.problems.map(({ kind }) => kind),
          ['conflict'],
        );
        assert.ok(error instanceof OptionsError);
        assert.ok(error.message.includes(left) && error.message.includes(right));
      }
    }
    for (const alias of ['monitoringWindow', 'monitoringPeriod'] as const) {
      const error = optionsErrorOf(() => new CircuitBreaker({ backend, [alias]: 1, window: { type: 'count' } }));
      assert.deepEqual(
        error.problems.map(({ kind }) => kind),
        ['conflict'],
      );
    }
  });

  it('reads an alias as its option', () => {
    const breaker = new CircuitBreaker({ backend, retryDelay: 1_234, monitoringPeriod: 5_000 });
    assert.equal(breaker.explain().openTime, 1_234);
  });

  it('treats undefined as not set', () => {
    const names = Object.keys(CASES).filter((option) => !option.includes('.'));
    const breaker = new CircuitBreaker({ ...Object.fromEntries(names.map((name) => [name, undefined])), backend });
    assert.equal(breaker.name, 'unnamed');
    assert.equal(breaker.explain().consecutiveFailureThreshold, 5);
  });

  it('opens after five failures in a row, or half of at least twenty calls, unless a threshold is set', () => {
    const thresholds = (options: CircuitBreakerOptions) => {
      const explanation = new CircuitBreaker({ ...options, backend }).explain();
      const { failureThreshold, consecutiveFailureThreshold, failureRateThreshold, minimumCalls } = explanation;
      return [failureThreshold, consecutiveFailureThreshold, failureRateThreshold, minimumCalls];
    };
    assert.deepEqual(thresholds({}), [null, 5, 0.5, 20]);
    assert.deepEqual(thresholds({ minimumCalls: 50 }), [null, 5, 0.5, 50]);
    assert.deepEqual(thresholds({ failureThreshold: 5 }), [5, null, null, 20]);
    assert.deepEqual(thresholds({ failureRateThreshold: 0.3 }), [null, null, 0.3, 20]);
  });

  it('turns the timeout off with 0 and with false', async () => {
    for (const timeout of [0, false] as const) {
      assert.equal(await new CircuitBreaker({ backend, timeout }).execute(() => 1), 1);
    }
  });

  it('rejects cyclic values without looping', () => {
    const window: Record<string, unknown> = { type: 'count' };
    window['size'] = window;
    assertRejected(backend, 'type', 'window', [window]);
    assert.deepEqual(
      optionsErrorOf(() => new CircuitBreaker({ backend, window } as never)).problems[0]?.option,
      'window.size',
    );
  });
});

onEachBackend('the options argument', () => {
  it('must be an object', () => {
    for (const options of [null, [], 'options', 1, true, () => ({}), async () => 1, Symbol('s'), 1n, new Map()]) {
      const error = optionsErrorOf(() => new CircuitBreaker(options as never));
      assert.ok(error instanceof OptionsError);
      assert.match(error.message, /^Circuit breaker unnamed: options must be an object, got /);
    }
    assert.equal(new CircuitBreaker(undefined).name, 'unnamed');
    assert.equal(new CircuitBreaker(Object.create(null) as object).name, 'unnamed');
  });

  it('is checked by BreakerRegistry too', () => {
    const message = (options: unknown) => thrown(() => new BreakerRegistry(options as never)).message;
    for (const options of [null, [], 'options', 1]) assert.match(message(options), /options must be an object/);
    assert.match(message({ max: 0 }), /max must be a whole number from 1 to 1000000, got 0/);
    assert.match(message({ idle: Number.NaN }), /idle must be a number of milliseconds/);
    assert.match(message({ idle: '1' }), /idle must be a number of milliseconds .*, got a string$/);
    assert.match(message({ size: 1 }), /size is not an option/);
    assert.match(message({ default: {} }), /default is not an option/);
    assert.match(message({ defaults: { failureThreshold: 0 } }), /registry: defaults\.failureThreshold must be/);
    assert.match(
      message({ defaults: { tmeout: 1 }, max: 0 }),
      /defaults\.tmeout is not an option; did you mean defaults\.timeout\?/,
    );
    assert.match(message({ optionsFor: {} }), /optionsFor must be a function, got an object/);
  });
});

function isPlain(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function optionsErrorOf(run: () => unknown): OptionsError {
  const error = thrown(run);
  assert.ok(error instanceof OptionsError, `${error}`);
  assert.equal(error.code, 'ERR_OPTIONS');
  assert.ok(error.problems.length > 0);
  return error;
}

function assertRejected(
  backend: BackendKind,
  kind: string,
  path: string,
  value: unknown,
  beside: CircuitBreakerOptions = {},
): void {
  const [option, key] = path.split('.') as [keyof CircuitBreakerOptions, string | undefined];
  const wrong = key === undefined ? value : { ...(beside[option] as object | undefined), [key]: value };
  const error = optionsErrorOf(() => new CircuitBreaker({ backend, ...beside, [option]: wrong }));
  const shown = `${path}: ${String(typeof value)} ${error.message}`;
  assert.ok(
    error.problems.some((problem) => problem.option === path && problem.kind === kind),
    shown,
  );
}
