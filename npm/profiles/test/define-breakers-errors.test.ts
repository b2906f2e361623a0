import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { BreakerRegistry } from 'fusewire';
import { ConfigurationError, defineBreakers } from '@fusewire/profiles';
import type { BreakerDefinition, DefineBreakersOptions } from '@fusewire/profiles';
import { ENVIRONMENTS, ISOLATED, messageOf } from './support.ts';

describe('defineBreakers()', () => {
  it('reports every problem of breakers and variables at once, and creates nothing', () => {
    const registry = new BreakerRegistry();
    registry.create('taken');
    const definitions = {
      mpesa: 'paiment',
      sms: { preset: 'http', failureThreshold: 0, tiemout: 3, environments: { production: { successThreshold: -1 } } },
      taken: 'payment',
      then: 'payment',
      none: 3,
      fine: 'http',
    } as unknown as Record<string, BreakerDefinition>;
    const variables = {
      BREAKER_SMS_TIMEOUT: '10s',
      BREAKER_SMS_RESET_TIMEOUT: '0',
      BREAKER_SMS_RESPONSE_TIMES: 'yes',
      BREAKER_SMS_WINDOW_TYPE: 'days',
      BREAKER_SMS_FAILURE_TRESHOLD: '3',
      breaker_fine_timeout: '3',
      BREAKER_X: '3',
    };
    assert.equal(
      messageOf(() => defineBreakers(definitions, { environment: 'production', registry, variables })),
      'Circuit breaker configuration errors: ' +
        [
          'then cannot be the name of a breaker',
          'BREAKER_SMS_FAILURE_TRESHOLD is not a variable of this program; did you mean BREAKER_SMS_FAILURE_THRESHOLD?',
          'breaker_fine_timeout is not a variable of this program; did you mean BREAKER_FINE_TIMEOUT?',
          'BREAKER_X is not a variable of this program',
          'mpesa.preset is not a preset; did you mean payment?',
          'none must be the name of a preset, or options',
          'sms.tiemout is not an option; did you mean timeout?',
          `BREAKER_SMS_WINDOW_TYPE must be 'time' or 'count', got "days"`,
          'BREAKER_SMS_RESPONSE_TIMES must be true or false, got "yes"',
          'sms.failureThreshold must be a whole number from 1 to 1000000, got 0',
          'sms.successThreshold must be a whole number from 1 to 1000000, got -1',
          'BREAKER_SMS_RESET_TIMEOUT must be a number of milliseconds from 1 to 31536000000, got 0',
          'BREAKER_SMS_TIMEOUT must be a number of milliseconds from 1 to 2147483647, or 0 or false for none, got "10s"',
          'taken is in the registry already',
        ].join('; '),
    );
    assert.deepEqual([...registry.getAll().keys()], ['taken']);
    assert.equal(registry.get('taken')?.disposed, false);
  });

  it('rejects an unknown environment that is named in the options', () => {
    const define = (environment: string, known: DefineBreakersOptions = { environments: ENVIRONMENTS }) =>
      defineBreakers({ sms: 'http' }, { variables: {}, environment, ...known });
    assert.match(
      messageOf(() => define('prod')),
      /errors: environment must be development or staging or production, got "prod"$/,
    );
    define('prod', {});
  });

  it('rejects a variable that belongs to two breakers', () => {
    const variables = { BREAKER_A_B_TIMEOUT: '5' };
    const definitions = { aB: {}, 'a-b': {} };
    defineBreakers(definitions, { ...ISOLATED });
    assert.match(
      messageOf(() => defineBreakers(definitions, { ...ISOLATED, variables })),
      /BREAKER_A_B_TIMEOUT is ambiguous: it belongs to both aB and a-b; rename one of the breakers$/,
    );
  });

  it('removes every breaker if the registry fails', () => {
    const registry = new BreakerRegistry();
    const full: Pick<BreakerRegistry, 'create' | 'get' | 'delete'> = {
      create(name, options) {
        if (name === 'sms') throw new Error('no more breakers');
        return registry.create(name, options);
      },
      get: (name) => registry.get(name),
      delete: (name) => registry.delete(name),
    };
    const define = () =>
      defineBreakers({ mpesa: 'payment', sms: 'http' }, { ...ISOLATED, registry: full as BreakerRegistry });
    assert.throws(define, /no more breakers/);
    assert.equal(registry.getAll().size, 0);
  });

  it('rejects two variables for one option', () => {
    const variables = {
      BREAKER_MPESA_RESET_TIMEOUT_JITTER: '0.2',
      BREAKER_MPESA_RETRY_DELAY: '1000',
      BREAKER_SMS_WINDOW_SIZE: '50',
      BREAKER_SMS_MONITORING_WINDOW: '1000',
      BREAKER_SMS_RETRY_DELAY: '1000',
    };
    assert.equal(
      messageOf(() => defineBreakers({ mpesa: 'payment', sms: 'http' }, { ...ISOLATED, variables })),
      'Circuit breaker configuration errors: ' +
        'BREAKER_MPESA_RETRY_DELAY cannot be set together with BREAKER_MPESA_RESET_TIMEOUT_JITTER, ' +
        'which sets the same option; ' +
        'BREAKER_SMS_MONITORING_WINDOW cannot be set together with BREAKER_SMS_WINDOW_SIZE, which sets the same option',
    );
  });

  it("ignores unknown variables with unknownVariables: 'ignore'", () => {
    const variables = { BREAKER_KCB_TIMEOUT: '5', BREAKER_MPESA_TIMEOUT: 'x' };
    assert.match(
      messageOf(() => defineBreakers({ mpesa: 'payment' }, { ...ISOLATED, variables, unknownVariables: 'ignore' })),
      /errors: BREAKER_MPESA_TIMEOUT must be [^;]*$/,
    );
  });

  it('throws other errors for invalid arguments, which are mistakes in the program', () => {
    const define = defineBreakers as (...args: unknown[]) => unknown;
    for (const options of [
      { environment: 3 },
      { environments: [] },
      { variables: 'x' },
      { prefix: '' },
      { registry: {} },
      { unknownVariables: 'warn' },
      { defaults: 3 },
      { enviroment: 'x' },
      null,
    ]) {
      assert.throws(() => define({ mpesa: 'payment' }, options), { code: 'ERR_OPTIONS' }, inspect(options));
    }
    assert.throws(() => define({ mpesa: { preset: Object.create(null) } }, ISOLATED), /mpesa\.preset is not a preset$/);
    assert.throws(
      () => define({ mpesa: 'payment' }, { ...ISOLATED, variables: { BREAKER_MPESA_TIMEOUT: 10_000 } }),
      /BREAKER_MPESA_TIMEOUT must be a string, got a value of type number$/,
    );
    assert.throws(() => define([]), TypeError);
    assert.throws(() => define(undefined), TypeError);
  });

  it('shows a value that is a part of the working directory', () => {
    const variables = { PWD: '/srv/network', BREAKER_MPESA_TIMEOUT: 'two' };
    assert.match(
      messageOf(() => defineBreakers({ mpesa: {} }, { ...ISOLATED, variables })),
      /BREAKER_MPESA_TIMEOUT must be .*, got "two"$/,
    );
  });

  it('puts no secret into an error, wherever the secret is', () => {
    const secret = 'hunter2!';
    const key = 'sk_live_4242424242';
    const paths: readonly (readonly [Record<string, unknown>, Record<string, string>])[] = [
      [{}, { BREAKER_MPESA_TIMEOUT: key }],
      [{}, { BREAKER_MPESA_TIMEOUT: secret, GATEWAY_PASSWORD: secret }],
      [{}, { BREAKER_MPESA_API_KEY: secret }],
      [{}, { BREAKER_MPESA_WINDOW_TYPE: `https://user:${secret}@real.test` }],
      [{ mpesa: { timeout: key } }, {}],
      [{ mpesa: { preset: key } }, {}],
      [{ mpesa: key }, {}],
      [{ mpesa: { apiKey: secret } }, {}],
      [{ mpesa: { environments: { test: { resetTimeout: key } } } }, {}],
    ];
    for (const [definitions, variables] of paths) {
      try {
        defineBreakers({ mpesa: 'payment', ...definitions } as never, { ...ISOLATED, variables });
        assert.fail('no error was thrown');
      } catch (error) {
        assert.ok(error instanceof ConfigurationError, inspect(error));
        const everything = { depth: 9, showHidden: true };
        for (const output of [
          inspect(error, everything),
          inspect({ error }, everything),
          JSON.stringify(error),
          `${error}`,
          error.stack,
        ]) {
          assert.ok(!output?.includes(secret) && !output?.includes(key), output);
        }
      }
    }
  });
});
