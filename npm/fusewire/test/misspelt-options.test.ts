import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  adaptiveBulkhead,
  BreakerRegistry,
  bulkhead,
  CircuitBreaker,
  hedge,
  OptionsError,
  pipeline,
  rateLimit,
  retry,
  retryBudget,
  shedLoad,
  timeout,
} from 'fusewire';
import { adaptive } from 'fusewire/adaptive';
import { readOptions } from 'fusewire/kit';
import { engineOptions } from '../src/policies/engine-options.ts';
import { OPTION_PATHS } from '../src/breaker/option-paths.ts';
import { onEachBackend, thrown } from './support.ts';

onEachBackend('the error for a misspelt option of a breaker', (backend) => {
  const message = (options: object) => thrown(() => new CircuitBreaker({ name: 'mpesa', backend, ...options })).message;

  it('suggests the option that was meant', () => {
    for (const [wrong, right] of [
      ['failureTreshold', 'failureThreshold'],
      ['tiemout', 'timeout'],
      ['Timeout', 'timeout'],
      ['nam', 'name'],
      ['clasify', 'classify'],
    ] as const) {
      assert.equal(message({ [wrong]: 1 }), `Circuit breaker mpesa: ${wrong} is not an option; did you mean ${right}?`);
    }
  });

  it('suggests an option of the same nested object', () => {
    assert.equal(
      message({ window: { type: 'count', sise: 1 } }),
      'Circuit breaker mpesa: window.sise is not an option; did you mean window.size?',
    );
    assert.match(message({ resetTimeout: { inital: 1 } }), /; did you mean resetTimeout\.initial\?$/);
    assert.match(message({ window: { type: 'count', timeot: 1 } }), /window\.timeot is not an option$/);
  });

  it('suggests nothing for a name that resembles no option', () => {
    for (const name of ['retries', 'x', '', 'f'.repeat(10_000)]) {
      assert.match(message({ [name]: 1 }), / is not an option$/);
    }
  });

  it('is created fast for many unknown options', () => {
    const options = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`failureThreshol${index}`, 1]));
    assert.equal(message(options).match(/did you mean/g)?.length, 20);
  });

  it('stays short for a long name', () => {
    assert.ok(message({ ['f'.repeat(100_000)]: 1 }).length < 200);
  });

  it('offers the suggestion to programs, too', () => {
    const error = thrown(() => new CircuitBreaker({ backend, window: { type: 'count', sise: 1 } } as never));
    assert.ok(error instanceof OptionsError);
    assert.deepEqual(error.problems, [{ option: 'window.sise', kind: 'unknown', expected: 'size' }]);
  });

  it('can suggest every option that the engine accepts, and no other', () => {
    for (const path of OPTION_PATHS) {
      const [option = '', nested] = path.split('.');
      const options = nested === undefined ? { [option]: null } : { [option]: { type: 'time', [nested]: null } };
      const error = thrown(() => new CircuitBreaker({ backend, ...options } as never));
      assert.ok(error instanceof OptionsError, path);
      const isUnknown = error.problems.some((problem) => problem.option === path && problem.kind === 'unknown');
      assert.equal(isUnknown, path === 'window.size', path);
    }
  });
});

describe('the error for a misspelt option', () => {
  const misspelt: readonly [name: string, create: () => unknown, expected: RegExp][] = [
    ['a retry', () => retry({ atempts: 1 } as never), /: atempts is not an option; did you mean attempts\?$/],
    [
      'the delay of a retry',
      () => retry({ delay: { type: 'linear', initail: 1 } } as never),
      /: delay\.initail is not an option; did you mean delay\.initial\?$/,
    ],
    ['a retry budget', () => retryBudget({ shrae: 1 } as never), /: shrae is not an option; did you mean share\?$/],
    [
      'a hedge',
      () => hedge({ quantil: 0.9, idempotent: true } as never),
      /: quantil is not an option; did you mean quantile\?$/,
    ],
    ['a bulkhead', () => bulkhead({ limit: 1, queSize: 1 } as never), /; did you mean queueSize\?$/],
    ['a rate limit', () => rateLimit({ limit: 1, pr: 1 } as never), /; did you mean per\?$/],
    ['an adaptive bulkhead', () => adaptiveBulkhead({ algoritm: 'vegas' } as never), /; did you mean algorithm\?$/],
    ['a load shedder', () => shedLoad({ multiplyer: 2 } as never), /; did you mean multiplier\?$/],
    ['a timeout', () => timeout({ timeout: 1, stratgy: 'x' } as never), /; did you mean strategy\?$/],
    ['a registry', () => new BreakerRegistry({ default: {} } as never), /; did you mean defaults\?$/],
    ['a registry', () => new BreakerRegistry({ idel: 1 } as never), /idel is not an option; did you mean idle\?$/],
    ['a pipeline', () => pipeline({ retrys: {} } as never), /: retrys is not an option; did you mean retry\?/],
    [
      'a layer of a pipeline',
      () => pipeline({ retry: { atempts: 1 } } as never),
      /: retry\.atempts is not an option; did you mean retry\.attempts\?$/,
    ],
    [
      'the breaker of a pipeline',
      () => pipeline({ breaker: { window: { type: 'count', sise: 1 } } } as never),
      /: breaker\.window\.sise is not an option; did you mean breaker\.window\.size\?$/,
    ],
    [
      'a schedule',
      () =>
        adaptive(new CircuitBreaker(), { schedule: { entries: [{ form: '08:00', failureThreshold: 1 }] } } as never),
      /schedule\.entries\.0\.form is not an option; did you mean schedule\.entries\.0\.from\?$/,
    ],
    [
      'a prediction',
      () => adaptive(new CircuitBreaker(), { prediction: { horison: 1 } } as never),
      /prediction\.horison is not an option; did you mean prediction\.horizon\?$/,
    ],
    [
      "another package's object",
      () => {
        const reader = readOptions('Queue', 'jobs', { conection: 1 });
        reader.value('connection');
        reader.finish();
      },
      /^Queue jobs: conection is not an option; did you mean connection\?$/,
    ],
  ];
  for (const [name, create, expected] of misspelt) {
    it(`suggests an option of ${name}`, () => {
      assert.match(thrown(create).message, expected);
    });
  }

  it('can suggest every option of a policy that the engine accepts', () => {
    // By the kinds of policies in codes.ts; a delay takes other options for each type.
    const creators: Record<number, (options: object) => unknown> = {
      1: (options) => retryBudget(options),
      2: (options) => hedge(options as never),
      3: (options) => bulkhead(options as never),
      4: (options) => rateLimit(options as never),
      5: (options) => adaptiveBulkhead(options),
      6: (options) => shedLoad(options),
    };
    for (const [kind, create] of Object.entries(creators)) {
      for (const option of engineOptions()[Number(kind)] ?? assert.fail()) {
        const error = thrown(() => create({ [option]: null }));
        assert.ok(error instanceof OptionsError, option);
        assert.ok(!error.problems.some((problem) => problem.option === option && problem.kind === 'unknown'), option);
      }
    }
  });
});

describe('an options error', () => {
  it('shows no string of the wrong type, which may be a secret', () => {
    const secret = 'redis://:s3cr3t-pass@redis.internal:6379';
    for (const create of [
      () => new CircuitBreaker({ failureThreshold: secret } as never),
      () => new CircuitBreaker({ window: secret } as never),
      () => new CircuitBreaker({ window: { type: 'count', size: secret } } as never),
      () => new CircuitBreaker({ clock: secret } as never),
      () => new CircuitBreaker(secret as never),
      () => retry({ attempts: secret } as never),
      () => retry({ delay: { type: 'linear', initial: secret } } as never),
      () => new BreakerRegistry({ defaults: secret } as never),
      () => pipeline({ retry: secret } as never),
      () => CircuitBreaker.restore(secret as never),
    ]) {
      const { message } = thrown(create);
      assert.doesNotMatch(message, /s3cr3t/);
      assert.match(message, /, got a string/);
    }
  });

  it('shows no user and no password of an address, in values, paths, names and problems', () => {
    const secret = 'redis://user:s3cr3t@host';
    const reader = readOptions('Queue', secret, {});
    reader.report('name', 'range', 'a name');
    for (const [create, expected] of [
      [() => new CircuitBreaker({ scope: secret } as never), /, got a string of 24 characters$/],
      [() => new CircuitBreaker({ window: { type: 'user:s3cr3t@host' } } as never), /, got a string of 16 characters$/],
      [() => new CircuitBreaker({ [secret]: 1 } as never), /: redis:\/\/…@host is not an option$/],
      [
        () => new CircuitBreaker({ window: { type: 'count', size: 1, [secret]: 1 } } as never),
        /window\.redis:\/\/…@host is not an option$/,
      ],
      [() => adaptive(new CircuitBreaker(), { prediction: { [secret]: 1 } } as never), /redis:\/\/…@host is not an/],
      [() => reader.finish(), /^Queue redis:\/\/…@host: name must be a name/],
    ] as const) {
      const error = thrown(create);
      assert.match(error.message, expected);
      assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /s3cr3t/);
    }
  });

  it('shows no symbol, and no long string or bigint', () => {
    const message = (options: object) => thrown(() => new CircuitBreaker(options)).message;
    assert.match(message({ failureThreshold: Symbol('s3cr3t') }), /, got a symbol$/);
    assert.match(message({ scope: 'x'.repeat(41) }), /, got a string of 41 characters$/);
    assert.match(message({ failureThreshold: 10n ** 100n }), /, got a bigint$/);
  });

  it('shows short words, and numbers', () => {
    const message = (options: object) => thrown(() => new CircuitBreaker(options as never)).message;
    assert.match(message({ scope: 'global' }), /scope must be 'local' or 'process', got "global"$/);
    assert.match(message({ window: { type: 'days' } }), /, got "days"$/);
    assert.match(message({ failureThreshold: 0 }), /, got 0$/);
  });
});
