import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, CircuitBreaker } from 'fusewire';
import { defineBreakers, presets } from '@fusewire/profiles';
import { ENVIRONMENTS, ISOLATED, MPESA, messageOf } from './support.ts';

const failing = () => Promise.reject(new Error('down'));

/** Returns the number of failures that open a breaker, and its open time in milliseconds. */
async function behaviourOf(breaker: CircuitBreaker): Promise<{ failures: number; openTime: number }> {
  let failures = 0;
  while (breaker.state === 'CLOSED' && failures < 100) {
    failures++;
    await assert.rejects(breaker.execute(failing));
  }
  return { failures, openTime: breaker.explain().openTime };
}

describe('defineBreakers()', () => {
  it('creates breakers from presets, from options, and from both', async () => {
    const breakers = defineBreakers(
      {
        mpesa: 'payment',
        sms: { preset: 'http', failureThreshold: 2, resetTimeout: 60_000 },
        ledger: { failureThreshold: 7, resetTimeout: 1_000 },
        apollo: { ...presets.internal, resetTimeout: 30_000 },
      },
      ISOLATED,
    );
    const mpesa: CircuitBreaker = breakers.mpesa;
    assert.ok(mpesa instanceof CircuitBreaker);
    assert.equal(mpesa.name, 'mpesa');
    assert.deepEqual(Object.keys(breakers), ['mpesa', 'sms', 'ledger', 'apollo']);
    const { failures, openTime } = await behaviourOf(breakers.mpesa);
    assert.ok(failures === 3 && openTime >= 48_000 && openTime <= 60_000, `${failures}, ${openTime}`);
    assert.deepEqual(await behaviourOf(breakers.sms), { failures: 2, openTime: 60_000 });
    assert.deepEqual(await behaviourOf(breakers.ledger), { failures: 7, openTime: 1_000 });
    assert.deepEqual(await behaviourOf(breakers.apollo), { failures: 5, openTime: 30_000 });
    // @ts-expect-error there is no such breaker
    assert.equal(breakers.mpeza, undefined);
  });

  it('rejects unknown presets, options and names at compile time', () => {
    const invalid = [
      // @ts-expect-error there is no such preset
      () => defineBreakers({ mpesa: 'paiment' }, ISOLATED),
      // @ts-expect-error there is no such option
      () => defineBreakers({ mpesa: { failureTreshold: 3 } }, ISOLATED),
      // @ts-expect-error the name is the key
      () => defineBreakers({ mpesa: { name: 'kcb' } }, ISOLATED),
      // @ts-expect-error the handle has this name
      () => defineBreakers({ dispose: 'payment' }, ISOLATED),
      // @ts-expect-error there is no such option
      () => defineBreakers({ mpesa: { environments: { test: { timeut: 3 } } } }, ISOLATED),
    ];
    for (const define of invalid) assert.notEqual(messageOf(define), '');
  });

  it('registers the breakers, in its own registry or in one passed in, until they are disposed', () => {
    const registry = new BreakerRegistry();
    const others = registry.create('others');
    const breakers = defineBreakers({ mpesa: 'payment', kcb: 'payment' }, { ...ISOLATED, registry });
    assert.equal(breakers.registry, registry);
    assert.deepEqual([...registry.getAll().keys()], ['others', 'mpesa', 'kcb']);
    assert.equal(registry.get('mpesa'), breakers.mpesa);
    breakers.dispose();
    breakers.dispose();
    assert.ok(breakers.mpesa.disposed && breakers.kcb.disposed && !others.disposed);
    assert.deepEqual([...registry.getAll().keys()], ['others']);
    {
      using own = defineBreakers({ mpesa: 'payment' }, ISOLATED);
      assert.deepEqual(Object.keys(own.registry.getAllStats()), ['mpesa']);
    }
  });
});

describe('the options of defineBreakers()', () => {
  const NODE_ENV = process.env['NODE_ENV'];

  it('prefer the environment to the definition, and its own environments to the shared ones', async () => {
    const define = (environment: string) =>
      defineBreakers(
        {
          mpesa: MPESA,
          sms: {
            preset: 'http',
            environments: {
              development: { consecutiveFailureThreshold: 9, failureThreshold: 9 },
              production: { resetTimeout: 1 },
            },
          },
        },
        { variables: {}, environment, environments: ENVIRONMENTS },
      );
    const found: Record<string, unknown> = {};
    for (const environment of ['development', 'staging', 'production']) {
      const breakers = define(environment);
      assert.equal(breakers.environment, environment);
      found[environment] = [await behaviourOf(breakers.mpesa), await behaviourOf(breakers.sms)];
    }
    assert.deepEqual(found, {
      development: [
        { failures: 3, openTime: 15_000 },
        { failures: 9, openTime: 15_000 },
      ],
      staging: [
        { failures: 4, openTime: 20_000 },
        { failures: 4, openTime: 20_000 },
      ],
      production: [
        { failures: 5, openTime: 30_000 },
        { failures: 5, openTime: 1 },
      ],
    });
  });

  it('take the environment from NODE_ENV by default, even an unknown one', async () => {
    try {
      process.env['NODE_ENV'] = 'staging';
      const staged = defineBreakers({ mpesa: MPESA }, { environments: ENVIRONMENTS, variables: {} });
      assert.deepEqual(await behaviourOf(staged.mpesa), { failures: 4, openTime: 20_000 });
      process.env['NODE_ENV'] = 'test';
      const tested = defineBreakers({ mpesa: MPESA }, { environments: ENVIRONMENTS, variables: {} });
      assert.deepEqual(await behaviourOf(tested.mpesa), { failures: 3, openTime: 120_000 });
    } finally {
      if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = NODE_ENV;
    }
  });

  it('let everything override the defaults', async () => {
    const breakers = defineBreakers(
      { mpesa: MPESA, plain: {} },
      { ...ISOLATED, defaults: { failureThreshold: 8, resetTimeout: 2_000 } },
    );
    assert.deepEqual(await behaviourOf(breakers.mpesa), { failures: 3, openTime: 120_000 });
    assert.deepEqual(await behaviourOf(breakers.plain), { failures: 8, openTime: 2_000 });
  });

  it('let variables override everything, those of the process by default', async () => {
    const variables = {
      BREAKER_MPESA_FAILURE_THRESHOLD: '2',
      BREAKER_MPESA_RESET_TIMEOUT: ' 250 ',
      BREAKER_MPESA_TIMEOUT: 'false',
      BREAKER_N8N_API_FAILURE_THRESHOLD: '1',
      BREAKER_N8N_API_RESET_TIMEOUT: '',
      OTHER: 'x',
    };
    const definitions = { mpesa: MPESA, n8nApi: 'http' } as const;
    const configured = defineBreakers(definitions, {
      environment: 'production',
      environments: ENVIRONMENTS,
      variables,
    });
    assert.deepEqual(await behaviourOf(configured.mpesa), { failures: 2, openTime: 250 });
    assert.deepEqual(await behaviourOf(configured.n8nApi), { failures: 1, openTime: 30_000 });
    const unconfigured = defineBreakers(definitions, { ...ISOLATED, variables: false });
    assert.deepEqual(await behaviourOf(unconfigured.mpesa), { failures: 3, openTime: 120_000 });
    try {
      process.env['CIRCUIT_MPESA_FAILURE_THRESHOLD'] = '4';
      const fromProcess = defineBreakers(definitions, { environment: 'test', prefix: 'CIRCUIT_' });
      assert.deepEqual(await behaviourOf(fromProcess.mpesa), { failures: 4, openTime: 120_000 });
    } finally {
      delete process.env['CIRCUIT_MPESA_FAILURE_THRESHOLD'];
    }
  });

  it('merge nested options, also with an option under its other name', async () => {
    const registry = new BreakerRegistry({ defaults: { clock: () => 0 } });
    const breakers = defineBreakers(
      {
        sliding: { failureThreshold: 5, successThreshold: 2, resetTimeout: 5_000, monitoringWindow: 60_000 },
        counted: { failureThreshold: 2, monitoringWindow: 60_000, successThreshold: 3 },
      },
      {
        ...ISOLATED,
        registry,
        environments: { test: { retryDelay: 7_000 } },
        variables: {
          BREAKER_SLIDING_WINDOW_BUCKETS: '5',
          BREAKER_SLIDING_RESET_TIMEOUT_JITTER: '0.5',
          BREAKER_SLIDING_RESET_TIMEOUT_INITIAL: '8000',
          BREAKER_COUNTED_WINDOW_SIZE: '3',
          BREAKER_COUNTED_HALF_OPEN_CALLS: '4',
          BREAKER_COUNTED_HALF_OPEN_FAILURE_RATE_THRESHOLD: '0.5',
          BREAKER_COUNTED_RESPONSE_TIMES: 'false',
        },
      },
    );
    assert.equal(breakers.counted.explain().probesRequired, 4);
    for (let call = 0; call < 9; call++) await breakers.counted.execute(() => 'ok');
    assert.equal(breakers.counted.explain().calls, 3);
    assert.deepEqual(await behaviourOf(breakers.counted), { failures: 2, openTime: 7_000 });
    const { openTime } = await behaviourOf(breakers.sliding);
    assert.ok(openTime >= 4_000 && openTime <= 8_000, `${openTime}`);
  });

  it('can be set by variables, except for functions and objects', () => {
    const valid: Record<string, string> = {
      FAILURE_THRESHOLD: '3',
      CONSECUTIVE_FAILURE_THRESHOLD: '3',
      FAILURE_RATE_THRESHOLD: '0.5',
      SLOW_CALL_RATE_THRESHOLD: '0.5',
      SLOW_CALL_DURATION: '100',
      MINIMUM_CALLS: '10',
      WINDOW_TYPE: 'time',
      WINDOW_DURATION: '1000',
      WINDOW_BUCKETS: '4',
      RESET_TIMEOUT: '1000',
      RESET_TIMEOUT_FACTOR: '3',
      RESET_TIMEOUT_MAX: '5000',
      RESET_TIMEOUT_JITTER: '0.1',
      SUCCESS_THRESHOLD: '1',
      MAX_CONCURRENT_REQUESTS: '2',
      RECOVERY_RAMP: '1000',
      RECOVERY_INITIAL_SHARE: '0.2',
      IN_FLIGHT_LIMIT: '7',
      TIMEOUT: '1000',
      RESPONSE_TIMES: 'true',
      REJECTION_STACK: 'true',
      SEED: '1',
      BACKEND: 'wasm',
      SCOPE: 'local',
    };
    const variables = Object.fromEntries(Object.entries(valid).map(([name, value]) => [`BREAKER_A_${name}`, value]));
    const explained = defineBreakers({ a: {} }, { ...ISOLATED, variables }).a.explain();
    assert.equal(explained.consecutiveFailureThreshold, 3);
    assert.equal(explained.slowCallRateThreshold, 0.5);
    assert.equal(explained.minimumCalls, 10);
    assert.equal(explained.inFlightLimit, 7);
    for (const name of Object.keys(valid)) {
      const invalid = { ...variables, [`BREAKER_A_${name}`]: 'wrong' };
      assert.match(
        messageOf(() => defineBreakers({ a: {} }, { ...ISOLATED, variables: invalid })),
        new RegExp(`BREAKER_A_${name} must be .*, got "wrong"$`),
      );
    }
  });

  it('reads no variables where the process must not read them', () => {
    // Node itself reads the environment when it loads the engine.
    assert.equal(new CircuitBreaker().state, 'CLOSED');
    const { env } = process;
    const deny = () => {
      throw new Error('NotCapable');
    };
    process.env = new Proxy({}, { get: deny, has: deny, ownKeys: deny });
    try {
      assert.equal(defineBreakers({ a: { failureThreshold: 2 } }).a.name, 'a');
    } finally {
      process.env = env;
    }
  });
});
