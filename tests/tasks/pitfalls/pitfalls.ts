import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { manualClock } from '@fusewire/testing';
import { BreakerRegistry, CallTimeoutError, CircuitBreaker, CircuitOpenError, hedge, pipeline, retry } from 'fusewire';
import type { HedgeOptions } from 'fusewire';
import { warningsOf } from './warnings.ts';

export interface Pitfall {
  /** Number in the review that found them. */
  readonly number: number;
  readonly mistake: string;
  readonly answer: 'does not compile' | 'is refused' | 'warns once in development' | 'works';
  /** Shows the answer. */
  readonly show?: (t: TestContext) => void | Promise<void>;
}

const down = () => Promise.reject(new Error('down'));
const hang = () => new Promise<never>(() => undefined);

async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < times; count++) await call().catch(() => undefined);
}

/** The pitfalls that are answered, in the order of their numbers. */
export const pitfalls: readonly Pitfall[] = [
  {
    number: 1,
    mistake: 'a deadline of the caller as the only time limit',
    answer: 'works',
    async show() {
      const breaker = new CircuitBreaker();
      await Promise.all(
        Array.from({ length: 5 }, () => assert.rejects(breaker.execute(hang, { signal: AbortSignal.timeout(20) }))),
      );
      assert.equal(breaker.state, 'OPEN');
    },
  },
  {
    number: 2,
    mistake: 'a signal that only the work knows',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`
          const breaker = new CircuitBreaker({ name: 'users' });
          const work = () => Promise.reject(new DOMException('gone', 'AbortError'));
          await breaker.execute(work).catch(() => {});
          await breaker.execute(work).catch(() => {});`),
        /^[^\n]*users[^\n]*signal[^\n]*$/,
      );
    },
  },
  {
    number: 3,
    mistake: 'a total timeout, a retry and a breaker with nothing else',
    answer: 'works',
    async show() {
      const orders = pipeline({
        timeout: 10_000,
        retry: 3,
        breaker: { name: 'orders' },
        bulkhead: 20,
        fallback: () => [],
      });
      assert.deepEqual(await orders.execute(() => Promise.resolve([1])), [1]);
    },
  },
  {
    number: 4,
    mistake: 'isFailure in a pipeline',
    answer: 'works',
    async show() {
      const rates = pipeline({
        isFailure: (rate: number) => rate < 0,
        retry: { attempts: 3, delay: 0 },
        cache: { staleFor: 60_000 },
        fallback: () => 0,
        breaker: { name: 'rates', failureThreshold: 3 },
      });
      let calls = 0;
      const bad = () => Promise.resolve(-++calls);
      assert.equal(await rates.execute(bad, { key: 'EUR' }), 0);
      assert.equal(calls, 3);
      assert.equal(await rates.execute(() => Promise.resolve(1), { key: 'EUR' }).catch(() => 'rejected'), 0);
    },
  },
  {
    number: 5,
    mistake: 'a breaker without a rule',
    answer: 'works',
    async show() {
      const rare = new CircuitBreaker();
      await repeat(5, () => rare.execute(down));
      assert.equal(rare.state, 'OPEN', 'a dependency that is down, at any traffic');
      const busy = new CircuitBreaker();
      for (let call = 0; call < 1_000; call++) await repeat(1, () => busy.execute(call % 100 === 0 ? down : () => 1));
      assert.equal(busy.state, 'CLOSED', 'one failure in a hundred');
    },
  },
  {
    number: 6,
    mistake: 'a promise handed to an open circuit',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`
          const breaker = new CircuitBreaker({ name: 'users' });
          breaker.open();
          await breaker.execute(Promise.resolve(1)).catch(() => {});
          await breaker.execute(Promise.resolve(1)).catch(() => {});`),
        /^[^\n]*users[^\n]*function[^\n]*$/,
      );
    },
  },
  { number: 7, mistake: 'throwing the reason of a rejected result', answer: 'does not compile' },
  {
    number: 8,
    mistake: 'a cache without a key',
    answer: 'does not compile',
    async show() {
      const rates = pipeline({ cache: { staleFor: 60_000 }, breaker: { name: 'rates' } });
      await assert.rejects(
        rates.execute(() => 1, {} as never),
        /key/,
      );
    },
  },
  {
    number: 9,
    mistake: 'a cached Response, a shared answer',
    answer: 'is refused',
    async show() {
      const pages = pipeline({ cache: { staleFor: 60_000 }, breaker: { name: 'pages' } });
      await assert.rejects(
        pages.execute(() => new Response('page'), { key: '/' }),
        /copy/,
      );
      const orders = pipeline({ breaker: { name: 'orders' }, fallback: (): string[] => [] });
      (await orders.execute(down)).push('mine');
      assert.deepEqual(await orders.execute(down), []);
    },
  },
  {
    number: 10,
    mistake: 'Math.ceil(error.retryAfter / 1000) while forced open',
    answer: 'works',
    async show() {
      const breaker = new CircuitBreaker();
      breaker.forceOpen();
      const error = await breaker.execute(down).catch((reason: unknown) => reason);
      assert.ok(error instanceof CircuitOpenError && error.retryAfterSeconds >= 1);
    },
  },
  {
    number: 11,
    mistake: 'retryAfter as a header in seconds',
    answer: 'works',
    async show() {
      const breaker = new CircuitBreaker();
      breaker.open(30_000);
      const error = await breaker.execute(down).catch((reason: unknown) => reason);
      assert.ok(error instanceof CircuitOpenError);
      assert.equal(error.retryAfterSeconds, 30);
    },
  },
  {
    number: 12,
    mistake: "an SDK's retryAfter in seconds",
    answer: 'works',
    async show() {
      const delays: number[] = [];
      const policy = retry({ attempts: 2, delay: 20 });
      policy.on('retry', ({ delay }) => delays.push(delay));
      await assert.rejects(policy.execute(() => Promise.reject(Object.assign(new Error('busy'), { retryAfter: 1 }))));
      assert.deepEqual(delays, [20]);
    },
  },
  {
    number: 13,
    mistake: 'wrapping a function that cannot be ended',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`
          const breaker = new CircuitBreaker({ name: 'users', timeout: 60 });
          const fetchUser = breaker.wrap(() => new Promise((resolve) => setTimeout(resolve, 120)));
          await fetchUser().catch(() => {});
          await fetchUser().catch(() => {});
          await new Promise((resolve) => setTimeout(resolve, 400));`),
        /^[^\n]*users[^\n]*signal[^\n]*$/,
      );
    },
  },
  {
    number: 14,
    mistake: 'maxConcurrentRequests as a limit of all calls',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`new CircuitBreaker({ name: 'users', maxConcurrentRequests: 50 });`),
        /^[^\n]*users[^\n]*half-open[^\n]*bulkhead[^\n]*$/,
      );
    },
  },
  {
    number: 15,
    mistake: 'other options for a breaker that exists',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`
          const breakers = new fusewire.BreakerRegistry();
          for (const failureThreshold of [3, 9, 9]) breakers.for('users', { failureThreshold });`),
        /^[^\n]*users[^\n]*optionsFor[^\n]*failureThreshold$/,
      );
    },
  },
  {
    number: 16,
    mistake: 'a breaker of a registry that is held and used',
    answer: 'works',
    async show() {
      const clock = manualClock();
      const breakers = new BreakerRegistry({ defaults: { clock }, idle: 60_000 });
      const users = breakers.for('users');
      for (let minute = 0; minute < 30; minute++) {
        clock.advance(30_000);
        await users.execute(() => 1);
      }
      assert.equal(breakers.for('users'), users);
    },
  },
  {
    number: 17,
    mistake: "a consumer that waits for 'halfOpen'",
    answer: 'works',
    async show() {
      const breaker = new CircuitBreaker();
      breaker.open(20);
      await breaker.ready();
      assert.equal(breaker.state, 'HALF_OPEN');
    },
  },
  {
    number: 18,
    mistake: 'a retry around a payment',
    answer: 'works',
    async show() {
      let sent = 0;
      const payments = pipeline({ retry: { delay: 0 }, breaker: { name: 'payments', timeout: 10 } });
      const pay = () => {
        sent++;
        return hang();
      };
      await assert.rejects(payments.execute(pay), CallTimeoutError);
      assert.equal(sent, 1);
      await assert.rejects(payments.execute(pay, { idempotent: true }), CallTimeoutError);
      assert.equal(sent, 4);
    },
  },
  {
    number: 19,
    mistake: 'a fallback that hides mistakes of mine',
    answer: 'works',
    async show() {
      const users = pipeline({ breaker: { name: 'users' }, fallback: () => [] });
      const unauthorised = Object.assign(new Error('unauthorised'), { status: 401 });
      await assert.rejects(
        users.execute(() => Promise.reject(unauthorised)),
        unauthorised,
      );
    },
  },
  {
    number: 20,
    mistake: "five users' wrong ids with axios",
    answer: 'works',
    async show() {
      const breaker = new CircuitBreaker();
      const missing = Object.assign(new Error('not found'), { response: { status: 404 } });
      await repeat(20, () => breaker.execute(() => Promise.reject(missing)));
      assert.equal(breaker.state, 'CLOSED');
    },
  },
  {
    number: 21,
    mistake: 'a stream as the value of a call',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`
          const breaker = new CircuitBreaker({ name: 'users' });
          for (let calls = 0; calls < 2; calls++) await breaker.execute(async function* () { yield 1; });`),
        /^[^\n]*users[^\n]*executeStream[^\n]*$/,
      );
    },
  },
  {
    number: 22,
    mistake: 'a manual clock and a call that hangs',
    answer: 'works',
    async show() {
      const clock = manualClock();
      const call = new CircuitBreaker({ clock, timeout: 30_000 }).execute(hang);
      clock.advance(30_000);
      await assert.rejects(call, CallTimeoutError);
    },
  },
  {
    number: 23,
    mistake: 'instanceof across copies of the package',
    answer: 'works',
    async show() {
      const require = createRequire(import.meta.url);
      const entry = require.resolve('fusewire');
      const first = require(entry) as typeof import('fusewire');
      const second = require(path.join(path.dirname(entry), 'commonjs/index.cjs')) as typeof import('fusewire');
      assert.notEqual(first.CircuitOpenError, second.CircuitOpenError);
      const breaker = new first.CircuitBreaker();
      breaker.open();
      await assert.rejects(breaker.execute(down), second.CircuitOpenError);
    },
  },
  {
    number: 24,
    mistake: 'options that contradict one another',
    answer: 'is refused',
    show() {
      assert.throws(() => new CircuitBreaker({ slowCallRateThreshold: 0.5 }), /slowCallDuration must be set/);
      assert.throws(
        () => new CircuitBreaker({ resetTimeout: 30_000, retryDelay: 30_000 }),
        /retryDelay must be omitted/,
      );
    },
  },
  {
    number: 25,
    mistake: 'times in seconds',
    answer: 'warns once in development',
    show() {
      assert.match(
        warningsOf(`new CircuitBreaker({ name: 'users', timeout: 5, resetTimeout: 30 });`),
        /^[^\n]*users[^\n]*milliseconds[^\n]*$/,
      );
    },
  },
  {
    number: 26,
    mistake: 'a misspelt option in JavaScript',
    answer: 'is refused',
    show() {
      assert.throws(() => new CircuitBreaker({ failureTreshold: 5 } as object), /did you mean.*failureThreshold/i);
    },
  },
  {
    number: 27,
    mistake: 'a hedge for a POST',
    answer: 'does not compile',
    show() {
      assert.throws(
        () => pipeline({ hedge: 100 } as object),
        /hedge\.idempotent must be given, because a copy does the work/,
      );
      assert.throws(
        () => hedge({ delay: 100 } as HedgeOptions),
        /idempotent must be given, because a copy does the work/,
      );
    },
  },
  {
    number: 28,
    mistake: 'stats in an answer',
    answer: 'works',
    async show() {
      const breaker = new CircuitBreaker();
      const leaking = Object.assign(new Error('failed'), {
        toJSON: () => ({ headers: { authorization: 'Bearer s3cr3t' } }),
      });
      await repeat(5, () => breaker.execute(() => Promise.reject(leaking)));
      const rejection = await breaker.execute(down).catch((reason: unknown) => reason);
      assert.doesNotMatch(JSON.stringify([breaker.getStats(), breaker.explain(), rejection]), /s3cr3t/);
    },
  },
  {
    number: 29,
    mistake: 'a retry that waits past the total timeout',
    answer: 'works',
    async show() {
      const clock = manualClock();
      const busy = Object.assign(new Error('busy'), { status: 429, headers: { 'retry-after': '60' } });
      const api = pipeline({ timeout: { timeout: 1_000, clock }, retry: 3, breaker: { name: 'api', clock } });
      await assert.rejects(
        api.execute(() => Promise.reject(busy)),
        (error) => error === busy || (error instanceof CallTimeoutError && error.cause === busy),
      );
    },
  },
];
