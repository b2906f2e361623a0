import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, CircuitBreaker } from 'fusewire';
import { defineBreakers, environments, presets } from '@fusewire/profiles';
import { ALONE, messageOf } from './support.ts';

const failing = () => Promise.reject(new Error('down'));

/** How many failures open it, and for how many milliseconds. */
async function behaviour(breaker: CircuitBreaker): Promise<{ failures: number; openTime: number }> {
  let failures = 0;
  while (breaker.state === 'CLOSED' && failures < 100) {
    failures++;
    await assert.rejects(breaker.execute(failing));
  }
  return { failures, openTime: breaker.explain().openTime };
}

describe('breakers that are defined', () => {
  it('have the options of a preset, their own, or both', async () => {
    const breakers = defineBreakers(
      {
        mpesa: 'MPESA',
        sms: { preset: 'SMS', failureThreshold: 2 },
        ledger: { failureThreshold: 7, resetTimeout: 1_000 },
        apollo: presets.APOLLO,
      },
      ALONE,
    );
    const mpesa: CircuitBreaker = breakers.mpesa;
    assert.ok(mpesa instanceof CircuitBreaker);
    assert.equal(mpesa.name, 'mpesa');
    assert.deepEqual(Object.keys(breakers), ['mpesa', 'sms', 'ledger', 'apollo']);
    assert.deepEqual(await behaviour(breakers.mpesa), { failures: 3, openTime: 120_000 });
    assert.deepEqual(await behaviour(breakers.sms), { failures: 2, openTime: 60_000 });
    assert.deepEqual(await behaviour(breakers.ledger), { failures: 7, openTime: 1_000 });
    assert.deepEqual(await behaviour(breakers.apollo), { failures: 4, openTime: 30_000 });
    // @ts-expect-error there is no such breaker
    assert.equal(breakers.mpeza, undefined);
  });

  it('compile with what is there, and with nothing else', () => {
    const wrong = [
      // @ts-expect-error there is no such preset
      () => defineBreakers({ mpesa: 'MPEZA' }, ALONE),
      // @ts-expect-error there is no such option
      () => defineBreakers({ mpesa: { failureTreshold: 3 } }, ALONE),
      // @ts-expect-error the name is the key
      () => defineBreakers({ mpesa: { name: 'kcb' } }, ALONE),
      // @ts-expect-error the handle has this name
      () => defineBreakers({ dispose: 'MPESA' }, ALONE),
      // @ts-expect-error there is no such option
      () => defineBreakers({ mpesa: { environments: { test: { timeut: 3 } } } }, ALONE),
    ];
    for (const define of wrong) assert.notEqual(messageOf(define), '');
  });

  it('are in a registry of their own, or in that of the caller, until they are disposed', () => {
    const registry = new BreakerRegistry();
    const others = registry.create('others');
    const breakers = defineBreakers({ mpesa: 'MPESA', kcb: 'KCB' }, { ...ALONE, registry });
    assert.equal(breakers.registry, registry);
    assert.deepEqual([...registry.getAll().keys()], ['others', 'mpesa', 'kcb']);
    assert.equal(registry.get('mpesa'), breakers.mpesa);
    breakers.dispose();
    breakers.dispose();
    assert.ok(breakers.mpesa.disposed && breakers.kcb.disposed && !others.disposed);
    assert.deepEqual([...registry.getAll().keys()], ['others']);
    {
      using own = defineBreakers({ mpesa: 'MPESA' }, ALONE);
      assert.deepEqual(Object.keys(own.registry.getAllStats()), ['mpesa']);
    }
  });
});

describe('where options come from', () => {
  const NODE_ENV = process.env['NODE_ENV'];

  it('the environment goes over the definition, and its own over that of all', async () => {
    const define = (environment: string) =>
      defineBreakers(
        {
          mpesa: 'MPESA',
          sms: {
            preset: 'SMS',
            environments: { development: { failureThreshold: 9 }, production: { resetTimeout: 1 } },
          },
        },
        { variables: {}, environment, environments },
      );
    const found: Record<string, unknown> = {};
    for (const environment of ['development', 'staging', 'production']) {
      const breakers = define(environment);
      assert.equal(breakers.environment, environment);
      found[environment] = [await behaviour(breakers.mpesa), await behaviour(breakers.sms)];
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

  it('it is NODE_ENV unless it is named, and need not be one that is known', async () => {
    try {
      process.env['NODE_ENV'] = 'staging';
      const staged = defineBreakers({ mpesa: 'MPESA' }, { environments, variables: {} });
      assert.deepEqual(await behaviour(staged.mpesa), { failures: 4, openTime: 20_000 });
      process.env['NODE_ENV'] = 'test';
      const tested = defineBreakers({ mpesa: 'MPESA' }, { environments, variables: {} });
      assert.deepEqual(await behaviour(tested.mpesa), { failures: 3, openTime: 120_000 });
    } finally {
      if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = NODE_ENV;
    }
  });

  it('defaults lie below everything', async () => {
    const breakers = defineBreakers(
      { mpesa: 'MPESA', plain: {} },
      { ...ALONE, defaults: { failureThreshold: 8, resetTimeout: 2_000 } },
    );
    assert.deepEqual(await behaviour(breakers.mpesa), { failures: 3, openTime: 120_000 });
    assert.deepEqual(await behaviour(breakers.plain), { failures: 8, openTime: 2_000 });
  });

  it('variables go over everything, those of the process unless others are given', async () => {
    const variables = {
      BREAKER_MPESA_FAILURE_THRESHOLD: '2',
      BREAKER_MPESA_RESET_TIMEOUT: ' 250 ',
      BREAKER_MPESA_TIMEOUT: 'false',
      BREAKER_N8N_API_FAILURE_THRESHOLD: '1',
      BREAKER_N8N_API_RESET_TIMEOUT: '',
      OTHER: 'x',
    };
    const definitions = { mpesa: 'MPESA', n8nApi: 'N8N_API' } as const;
    const given = defineBreakers(definitions, { environment: 'production', environments, variables });
    assert.deepEqual(await behaviour(given.mpesa), { failures: 2, openTime: 250 });
    assert.deepEqual(await behaviour(given.n8nApi), { failures: 1, openTime: 30_000 });
    const none = defineBreakers(definitions, { ...ALONE, variables: false });
    assert.deepEqual(await behaviour(none.mpesa), { failures: 3, openTime: 120_000 });
    try {
      process.env['CIRCUIT_MPESA_FAILURE_THRESHOLD'] = '4';
      const ofProcess = defineBreakers(definitions, { environment: 'test', prefix: 'CIRCUIT_' });
      assert.deepEqual(await behaviour(ofProcess.mpesa), { failures: 4, openTime: 120_000 });
    } finally {
      delete process.env['CIRCUIT_MPESA_FAILURE_THRESHOLD'];
    }
  });

  it('what is nested can be given in part, and what it goes over may go by another name', async () => {
    const registry = new BreakerRegistry({ defaults: { clock: () => 0 } });
    const breakers = defineBreakers(
      { sliding: 'NERDGRAPH_API', counted: { failureThreshold: 2, monitoringWindow: 60_000, successThreshold: 3 } },
      {
        ...ALONE,
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
    assert.deepEqual(await behaviour(breakers.counted), { failures: 2, openTime: 7_000 });
    const { openTime } = await behaviour(breakers.sliding);
    assert.ok(openTime >= 4_000 && openTime <= 8_000, `${openTime}`);
  });

  it('every option that text can say can stand in a variable', () => {
    const sound: Record<string, string> = {
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
    const variables = Object.fromEntries(Object.entries(sound).map(([name, value]) => [`BREAKER_A_${name}`, value]));
    const made = defineBreakers({ a: {} }, { ...ALONE, variables }).a.explain();
    assert.equal(made.consecutiveFailureThreshold, 3);
    assert.equal(made.slowCallRateThreshold, 0.5);
    assert.equal(made.minimumCalls, 10);
    assert.equal(made.inFlightLimit, 7);
    for (const name of Object.keys(sound)) {
      const broken = { ...variables, [`BREAKER_A_${name}`]: 'wrong' };
      assert.match(
        messageOf(() => defineBreakers({ a: {} }, { ...ALONE, variables: broken })),
        new RegExp(`BREAKER_A_${name} must be .*, got "wrong"$`),
      );
    }
  });
});
