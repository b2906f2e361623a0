import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CircuitBreakerOptions } from 'fusewire';
import { rules } from 'fusewire/doctor';
import { diagnose } from '../src/doctor/diagnose.ts';
import { readFacts } from '../src/doctor/facts.ts';
import type { Facts } from '../src/doctor/facts.ts';
import { Recorder } from '../src/doctor/recorder.ts';
import { callRules } from '../src/doctor/rules/calls.ts';
import { unusedFacts, createdPerRequest, invalidOptions } from '../src/doctor/rules.ts';

let records = new Recorder();
/** Installs the records as diagnostics hook, as the doctor does before it loads a program. */
Object.defineProperty(globalThis, Symbol.for('fusewire.diagnostics'), {
  value: {
    onBreaker: (...args: Parameters<Recorder['onBreaker']>) => records.onBreaker(...args),
    onPipeline: (...args: Parameters<Recorder['onPipeline']>) => records.onPipeline(...args),
  },
});
const { CircuitBreaker, pipeline, retry } = await import('fusewire');

interface Example {
  readonly options?: CircuitBreakerOptions;
  readonly facts?: Facts;
}

const JITTER = { initial: 60_000, jitter: 0.2 };
const RATE = { failureRateThreshold: 0.5 };

/** Examples by rule code: the rule reports each of `bad` and none of `good`. */
const BREAKERS: Readonly<Record<string, { readonly bad: readonly Example[]; readonly good: readonly Example[] }>> = {
  'threshold-out-of-reach': {
    bad: [
      { options: { failureThreshold: 5 }, facts: { callsPerSecond: 0.05 } },
      { options: { failureThreshold: 61 }, facts: { callsPerSecond: 1 } },
      { options: { failureThreshold: 5, monitoringWindow: 1_000 }, facts: { callsPerSecond: 4 } },
      { options: RATE, facts: { callsPerSecond: 0.3 } },
      { options: { ...RATE, failureThreshold: 30, monitoringPeriod: 10_000 }, facts: { callsPerSecond: 1 } },
      {
        options: { slowCallRateThreshold: 0.5, slowCallDuration: 100, minimumCalls: 100 },
        facts: { callsPerSecond: 1 },
      },
    ],
    good: [
      {},
      { facts: { callsPerSecond: 0.001 } },
      { options: { failureThreshold: 60 }, facts: { callsPerSecond: 1 } },
      { options: { ...RATE, failureThreshold: 5 }, facts: { callsPerSecond: 0.1 } },
      { options: { consecutiveFailureThreshold: 50 }, facts: { callsPerSecond: 0.001 } },
      { options: { window: { type: 'count', size: 100 } }, facts: { callsPerSecond: 0.001 } },
    ],
  },
  'times-in-seconds': {
    bad: [
      { options: { timeout: 5 } },
      { options: { resetTimeout: 30 } },
      { options: { retryDelay: 49 } },
      { options: { failureThreshold: 3, monitoringWindow: 10 } },
      { options: { failureThreshold: 3, monitoringPeriod: 10 } },
    ],
    good: [
      {},
      { options: { timeout: 0 } },
      { options: { timeout: false } },
      { options: { timeout: 50, resetTimeout: 60 } },
    ],
  },
  'rule-out-of-reach': {
    bad: [
      { options: { ...RATE, failureThreshold: 5 }, facts: { callsPerSecond: 0.1 } },
      { options: { ...RATE, consecutiveFailureThreshold: 5 }, facts: { callsPerSecond: 0.1 } },
    ],
    good: [
      { options: { ...RATE, failureThreshold: 5 }, facts: { callsPerSecond: 1 } },
      { facts: { callsPerSecond: 0.01 } },
    ],
  },
  'opens-on-everyday-failures': {
    bad: [{ options: { failureThreshold: 5 }, facts: { callsPerSecond: 100 } }],
    good: [
      { facts: { callsPerSecond: 100 } },
      { options: { failureThreshold: 5 }, facts: { callsPerSecond: 1 } },
      { options: RATE, facts: { callsPerSecond: 100 } },
      {},
    ],
  },
  'opens-on-first-failure': {
    bad: [
      { options: { failureThreshold: 1 } },
      { options: { consecutiveFailureThreshold: 1 } },
      { options: { ...RATE, minimumCalls: 1 } },
      { options: { ...RATE, minimumCalls: 2 } },
    ],
    good: [{ options: { failureThreshold: 2 } }, { options: { ...RATE, minimumCalls: 3 } }, { options: RATE }],
  },
  'count-window-spans-hours': {
    bad: [{ options: { window: { type: 'count', size: 100 } }, facts: { callsPerSecond: 0.01 } }],
    good: [
      { options: { window: { type: 'count', size: 100 } }, facts: { callsPerSecond: 1 } },
      { options: { window: { type: 'time', duration: 86_400_000 } }, facts: { callsPerSecond: 0.01 } },
      { options: { window: { type: 'count', size: 100 } } },
    ],
  },
  'reset-shorter-than-timeout': {
    bad: [
      { options: { resetTimeout: 5_000 } },
      { options: { retryDelay: 999, timeout: 1_000 } },
      { options: { resetTimeout: { initial: 999, max: 60_000 }, timeout: 1_000 } },
    ],
    good: [{}, { options: { resetTimeout: 1_000, timeout: 1_000 } }, { options: { resetTimeout: 5, timeout: false } }],
  },
  'timeout-missing': {
    bad: [
      { options: { timeout: false } },
      { options: { timeout: 0 } },
      { options: { timeout: 0 }, facts: { client: {} } },
    ],
    good: [{}, { options: { timeout: false }, facts: { client: { timeout: 1_000 } } }],
  },
  'timeout-longer-than-client': {
    bad: [{ facts: { client: { timeout: 25_000 } } }, { facts: { client: { timeout: 9_000, retries: 2 } } }],
    good: [{ facts: { client: { timeout: 30_000 } } }, { facts: { client: { timeout: 10_000, retries: 2 } } }, {}],
  },
  'timeout-shorter-than-client': {
    bad: [{ facts: { client: { timeout: 60_000 } } }],
    good: [
      { facts: { client: { timeout: 30_000 } } },
      { options: { timeout: false }, facts: { client: { timeout: 1 } } },
    ],
  },
  'timeout-cuts-client-retries': {
    bad: [
      { facts: { client: { timeout: 30_000, retries: 3 } } },
      { facts: { client: { timeout: 16_000, retries: 1 } } },
    ],
    good: [
      { facts: { client: { timeout: 30_000 } } },
      { facts: { client: { timeout: 10_000, retries: 2 } } },
      { options: { timeout: false }, facts: { client: { timeout: 30_000, retries: 3 } } },
    ],
  },
  'slow-call-out-of-reach': {
    bad: [{ options: { slowCallRateThreshold: 0.5, slowCallDuration: 30_000 } }],
    good: [{ options: { slowCallRateThreshold: 0.5, slowCallDuration: 2_000 } }, {}],
  },
  'no-jitter': {
    bad: [{ facts: { instances: 2 } }, { options: { resetTimeout: { initial: 60_000 } }, facts: { instances: 9 } }],
    good: [{ options: { resetTimeout: JITTER }, facts: { instances: 2 } }, { facts: { instances: 1 } }, {}],
  },
  'same-seed': {
    bad: [{ options: { seed: 1, resetTimeout: JITTER } }],
    good: [{ options: { seed: 1 } }, { options: { resetTimeout: JITTER } }],
  },
  'more-probes-than-needed': {
    bad: [{ options: { maxConcurrentRequests: 3 } }],
    good: [
      { options: { maxConcurrentRequests: 3, successThreshold: 3 } },
      { options: { maxConcurrentRequests: 3, halfOpen: { calls: 10, failureRateThreshold: 0.5 } } },
    ],
  },
  unnamed: {
    bad: [{ options: { name: undefined } }],
    good: [{ options: { name: 'a' } }],
  },
};

const CHECKED = { checked: false } as const;
const attempts = (number: number) => retry({ attempts: number });
const PIPELINES: Readonly<
  Record<string, { readonly bad: () => unknown; readonly good: () => unknown; readonly facts?: Facts }>
> = {
  'attempts-outlast-total': {
    bad: () => pipeline({ timeout: 5_000, retry: { attempts: 3 }, breaker: { name: 'a', timeout: 2_000 } }),
    good: () => pipeline({ timeout: 6_000, retry: { attempts: 3 }, breaker: { name: 'a' }, attemptTimeout: 2_000 }),
  },
  'retry-inside-breaker': {
    bad: () => pipeline([new CircuitBreaker({ name: 'a' }), attempts(2)], CHECKED),
    good: () => pipeline([attempts(2), new CircuitBreaker({ name: 'a' })]),
  },
  'retries-multiply': {
    bad: () => pipeline([attempts(3), new CircuitBreaker({ name: 'a' })]),
    good: () => pipeline([attempts(1), new CircuitBreaker({ name: 'a' })]),
    facts: { client: { timeout: 1_000, retries: 3 } },
  },
};

function codes(create: () => unknown, facts: Facts = {}): string[] {
  records = new Recorder();
  create();
  return diagnose(records.configuration(readFacts({ '*': facts }))).map(({ code }) => code);
}

describe('rule reports its bad examples and none of the good ones:', () => {
  for (const [code, { bad, good }] of Object.entries(BREAKERS)) {
    const found = ({ options, facts }: Example) =>
      codes(() => new CircuitBreaker({ name: 'a', ...options }), facts).filter((each) => each === code);
    it(code, () => {
      for (const example of bad) assert.deepEqual(found(example), [code], JSON.stringify(example));
      for (const example of good) assert.deepEqual(found(example), [], JSON.stringify(example));
    });
  }

  for (const [code, { bad, good, facts }] of Object.entries(PIPELINES)) {
    it(code, () => {
      assert.deepEqual(
        codes(bad, facts).filter((each) => each === code),
        [code],
      );
      assert.ok(!codes(good, facts).includes(code));
    });
  }

  it('name-twice', () => {
    const names = (...all: string[]) => codes(() => all.map((name) => new CircuitBreaker({ name })));
    assert.deepEqual(names('a', 'b', 'a', 'a'), ['name-twice']);
    assert.deepEqual(names('a', 'b'), []);
  });
});

it('diagnose() reports nothing for a named breaker with the defaults', () => {
  assert.deepEqual(
    codes(() => new CircuitBreaker({ name: 'a' }), { callsPerSecond: 5, client: { timeout: 30_000 } }),
    [],
  );
});

it('every rule has a test, a reason and advice', () => {
  const tested = [...Object.keys(BREAKERS), ...Object.keys(PIPELINES), 'name-twice'];
  const elsewhere = [unusedFacts, createdPerRequest, invalidOptions, ...callRules].map(({ code }) => code);
  assert.deepEqual(rules.map(({ code }) => code).sort(), [...tested, ...elsewhere].sort());
  for (const { reason, advice } of rules) for (const text of [reason, advice]) assert.match(text, /^[A-Z].*\.$/s);
});

it('diagnose() reports the subject, the numbers and the advice', () => {
  records = new Recorder();
  new CircuitBreaker({ name: 'nerdgraph', resetTimeout: 5_000 });
  const [diagnostic] = diagnose(records.configuration(() => ({})));
  assert.deepEqual(diagnostic, {
    code: 'reset-shorter-than-timeout',
    severity: 'warning',
    subject: 'Circuit breaker nerdgraph',
    message: 'it is open for 5000 ms, and a call may take 30000 ms',
    advice: 'Make resetTimeout at least as long as timeout: mostly by a shorter timeout.',
  });
});

it('readFacts() reports every wrong fact at once', () => {
  const wrong = { callsPerSecond: 0, instances: 1.5, client: { timeout: 'soon', retries: -1, other: 1 }, traffic: 3 };
  assert.throws(() => readFacts({ a: wrong }), {
    code: 'ERR_OPTIONS',
    message:
      'Facts of a: callsPerSecond must be a number above 0, got 0; instances must be a whole number from 1 to 1000000, ' +
      'got 1.5; client.timeout must be a number from 0 on, got a string; client.retries must be a number from 0 on, got -1; ' +
      'traffic is not an option',
  });
  assert.throws(() => readFacts({ a: 3 }), { code: 'ERR_OPTIONS' });
  const factsOf = readFacts({ '*': { instances: 3 }, a: { callsPerSecond: 1 } });
  assert.deepEqual(factsOf('a'), { instances: 3, callsPerSecond: 1 });
  assert.deepEqual(factsOf('b'), { instances: 3 });
});
