import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  CallTimeoutError,
  CircuitOpenError,
  OptionsError,
  RetriesExhaustedError,
  cache,
  hedge,
  pipeline,
  retry,
  retryBudget,
  timeout,
} from 'fusewire';
import type { Pipeline, PolicyCallOptions, RetryOptions } from 'fusewire';
import { rejection, thrown, turn } from './support.ts';
import { advance, NOW, stats } from './support-retry.ts';

type Case = readonly [name: string, error: unknown];

const withCode = (code: string, more: object = {}) => Object.assign(new Error('failed'), { code, ...more });
const named = (name: string) => Object.assign(new Error('failed'), { name });
const causedBy = (cause: unknown) => new TypeError('fetch failed', { cause });
const reset = withCode('ECONNRESET');
const refused = withCode('ECONNREFUSED', { syscall: 'connect' });
const callTimeout = () => rejection(timeout(1).execute(() => new Promise(() => undefined)));

/** Returns an error whose getter of a property throws. */
function hostile(name: string, more: object = {}): Error {
  const get = (): never => {
    throw new Error('hostile');
  };
  return Object.defineProperty(Object.assign(new Error('failed'), more), name, { get });
}

function circular(): Error {
  const error = new Error('circular');
  return Object.assign(error, { cause: new Error('inner', { cause: error }) });
}

/** Returns how often a call that always fails with an error runs. */
async function runsOf(error: unknown, options: RetryOptions = {}, call: PolicyCallOptions = {}): Promise<number> {
  let runs = 0;
  const policy = retry({ attempts: 3, delay: 0, ...options });
  const failed = policy.execute(() => {
    runs++;
    throw error;
  }, call);
  assert.equal(await rejection(failed), error);
  return runs;
}

describe('retry() without idempotent', () => {
  const unknown: readonly Case[] = [
    ['a TimeoutError', new DOMException('late', 'TimeoutError')],
    ['an AbortError', new DOMException('aborted', 'AbortError')],
    ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ERR_NETWORK', 'UND_ERR_SOCKET'].map(withEach),
    ...['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'HPE_INVALID_CONSTANT'].map(withEach),
    ...['ERR_HTTP2_STREAM_ERROR', 'ERR_STREAM_PREMATURE_CLOSE', 'ConnectionClosed'].map(withEach),
    ...['CanceledError', 'NetworkError', 'RequestTimeoutError'].map((name) => [`a ${name}`, named(name)] as const),
    ['socket hang up', new Error('socket hang up')],
    ['a failed fetch of Chromium', new TypeError('Failed to fetch')],
    ['a failed fetch of Firefox', new TypeError('NetworkError when attempting to fetch resource.')],
    ['a failed fetch of Safari', new TypeError('Load failed')],
    ['a failed fetch of Deno', new TypeError('error sending request for url (https://a/): client error (SendRequest)')],
    ['a code beside a throwing cause', hostile('cause', { code: 'EPIPE' })],
    ['a name beside a throwing code', hostile('code', { name: 'TimeoutError' })],
    ['a cause', causedBy(reset)],
    ['a cause of a cause', causedBy(causedBy(named('TimeoutError')))],
    ['one error of several', new AggregateError([refused, reset])],
    ['a broken connection under a client error without status', Object.assign(causedBy(reset), { status: undefined })],
    ['a broken connection that a client reports with status 0', withCode('ERR_NETWORK', { status: 0 })],
  ];
  for (const [name, error] of unknown) {
    it(`repeats no call after ${name}`, async () => {
      assert.equal(await runsOf(error), 1);
      assert.equal(await runsOf(error, { exhausted: 'all-errors', retryIf: () => true }), 1);
    });
  }

  it('repeats no call after a call timeout', async () => {
    const error = await callTimeout();
    assert.ok(error instanceof CallTimeoutError);
    assert.equal(await runsOf(error), 1);
    assert.equal(await runsOf(structuredClone({ name: error.name, code: error.code })), 1);
  });

  const known: readonly Case[] = [
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].map(withEach),
    ['a timeout of the connection', withCode('ETIMEDOUT', { syscall: 'connect' })],
    ['a refused connection as the cause', causedBy(refused)],
    ['a refused connection under ERR_NETWORK', withCode('ERR_NETWORK', { cause: refused })],
    ['every connection refused', Object.assign(new AggregateError([refused, refused]), { code: 'ETIMEDOUT' })],
    ['a response with status 503', Object.assign(new Error('busy'), { status: 503 })],
    ['a response with status 429 and a code', withCode('ERR_NETWORK', { response: { status: 429 } })],
    ['an unknown error', new Error('down')],
    ['a primitive', 'ECONNRESET'],
    ...['cause', 'code', 'name', 'syscall', 'errors'].map((name) => [`a throwing ${name}`, hostile(name)] as const),
    ['a circular cause', circular()],
    [
      'a failed connection of Deno',
      new TypeError('error sending request for url (https://a/): client error (Connect)'),
    ],
  ];
  for (const [name, error] of known) {
    it(`repeats a call after ${name}`, async () => assert.equal(await runsOf(error), 3));
  }

  it('counts the calls that it does not repeat, and takes nothing from the budget', async () => {
    const budget = retryBudget();
    const policy = retry({ delay: 0, budget });
    await rejection(policy.execute(() => Promise.reject(reset)));
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalFailures: 1, totalUnknownOutcomes: 1 }));
    assert.equal(budget.getStats().added, 0);
  });

  it('ends with the error itself after a known one', async () => {
    const policy = retry({ delay: 0, exhausted: 'all-errors' });
    const failed = policy.execute(({ attempt }) => Promise.reject(attempt === 1 ? new Error('busy') : reset));
    assert.equal(await rejection(failed), reset);
  });

  it('has used up its attempts where the last one ends with an unknown outcome', async () => {
    const policy = retry({ attempts: 2, delay: 0, exhausted: 'all-errors' });
    const failed = policy.execute(({ attempt }) => Promise.reject(attempt === 1 ? new Error('busy') : reset));
    assert.ok((await rejection(failed)) instanceof RetriesExhaustedError);
  });

  it('goes by an explicit retry of the classifier', async () => {
    const classify = () => ({ retry: true });
    assert.equal(await runsOf(reset, { classify }), 3);
    assert.equal(await runsOf(reset, { classify: () => 'failure' }), 1);
  });

  it('goes by the outcome that the classifier calls unknown, or known', async () => {
    assert.equal(await runsOf(new Error('down'), { classify: () => ({ outcomeUnknown: true }) }), 1);
    assert.equal(await runsOf(new Error('down'), { classify: () => ({ outcomeUnknown: true }), idempotent: true }), 3);
    assert.equal(await runsOf(reset, { classify: () => ({ outcomeUnknown: false }) }), 3);
  });

  it('resolves with a value whose outcome the classifier calls unknown', async () => {
    let runs = 0;
    const policy = retry({ delay: 0, classify: () => ({ outcomeUnknown: true }) });
    assert.equal(await policy.execute(() => ++runs), 1);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalFailures: 1, totalUnknownOutcomes: 1 }));
  });
});

function withEach(code: string): Case {
  return [code, withCode(code)];
}

describe('the option idempotent', () => {
  const cases: readonly [name: string, part: boolean | undefined, call: boolean | undefined, runs: number][] = [
    ['of a retry lets it repeat every call', true, undefined, 3],
    ['of a call precedes that of a retry', true, false, 1],
    ['of a call lets a retry repeat it', undefined, true, 3],
    ['of a call precedes a false one', false, true, 3],
    ['is false by default', undefined, undefined, 1],
  ];
  for (const [name, idempotent, call, runs] of cases) {
    it(name, async () => assert.equal(await runsOf(reset, { idempotent }, { idempotent: call }), runs));
  }

  const runsIn = async (calls: Pipeline<unknown>, options: PolicyCallOptions = {}) => {
    let runs = 0;
    const result = await calls.tryExecute(() => Promise.reject((runs++, reset)), options);
    assert.equal(result.status === 'failure' && result.error, reset);
    return runs;
  };

  it('of a pipeline holds for its retry, by options, as an instance and in an array', async () => {
    const again = retry({ delay: 0 });
    assert.equal(await runsIn(pipeline({ idempotent: true, retry: { delay: 0 } })), 3);
    assert.equal(await runsIn(pipeline({ idempotent: true, retry: again })), 3);
    assert.equal(await runsIn(pipeline([again], { idempotent: true })), 3);
    assert.equal(await runsIn(pipeline([again])), 1);
  });

  it('of a part precedes that of its pipeline', async () => {
    assert.equal(await runsIn(pipeline({ idempotent: true, retry: { delay: 0, idempotent: false } })), 1);
    assert.equal(await runsIn(pipeline({ idempotent: false, retry: { delay: 0, idempotent: true } })), 3);
  });

  it('of a call precedes that of a pipeline', async () => {
    const calls = pipeline({ idempotent: true, retry: { delay: 0 } });
    assert.equal(await runsIn(calls, { idempotent: false }), 1);
    assert.equal(await runsIn(pipeline({ retry: { delay: 0 } }), { idempotent: true }), 3);
  });

  it('of an inner pipeline precedes that of the outer one', async () => {
    const again = retry({ delay: 0 });
    const inner = pipeline([again], { idempotent: false });
    assert.equal(await runsIn(pipeline([timeout(1_000), inner], { idempotent: true })), 1);
    assert.equal(await runsIn(pipeline([timeout(1_000), pipeline([again])], { idempotent: true })), 3);
    assert.equal(await runsIn(pipeline([pipeline([timeout(1_000)], { idempotent: true }), again])), 1);
  });

  it('of a pipeline and of a call holds behind a cache', async () => {
    const parts = [cache({ key: () => 'a' }), retry({ delay: 0 })] as const;
    assert.equal(await runsIn(pipeline(parts, { idempotent: true })), 3);
    assert.equal(await runsIn(pipeline(parts), { idempotent: true }), 3);
    assert.equal(await runsIn(pipeline(parts)), 1);
  });

  it('of wrap holds for every call', async () => {
    let runs = 0;
    const failing = () => Promise.reject((runs++, reset));
    await rejection(retry({ delay: 0 }).wrap(failing, { idempotent: true })());
    assert.equal(runs, 3);
    await rejection(retry({ delay: 0 }).wrap(failing)());
    assert.equal(runs, 4);
  });

  it('must be a boolean', async () => {
    const wrong = { idempotent: 'yes' } as never;
    assert.ok(thrown(() => retry(wrong)) instanceof OptionsError);
    assert.ok(thrown(() => pipeline([retry()], wrong)) instanceof OptionsError);
    assert.ok(thrown(() => pipeline({ retry: 3, idempotent: 1 } as never)) instanceof OptionsError);
    assert.match(String(await rejection(retry().execute(() => 1, wrong))), /idempotent must be true or false$/);
  });
});

describe('hedge() and idempotent', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
  afterEach(() => mock.timers.reset());

  const copiesOf = async (calls: Pick<Pipeline, 'execute'>, options?: PolicyCallOptions) => {
    let copies = 0;
    const call = calls.execute(async () => {
      const copy = ++copies;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return copy;
    }, options);
    await advance(60);
    await call;
    await turn();
    return copies;
  };

  it('copies the calls that it holds for', async () => {
    assert.equal(await copiesOf(hedge({ delay: 10, idempotent: true })), 2);
    assert.equal(await copiesOf(hedge({ delay: 10, idempotent: true }), { idempotent: false }), 1);
    assert.equal(await copiesOf(hedge({ delay: 10, idempotent: false })), 1);
    assert.equal(await copiesOf(hedge({ delay: 10, idempotent: false }), { idempotent: true }), 2);
  });

  it('goes by that of its pipeline', async () => {
    assert.equal(await copiesOf(pipeline({ idempotent: true, hedge: 10 })), 2);
    assert.equal(await copiesOf(pipeline({ idempotent: true, hedge: { delay: 10 } })), 2);
    assert.equal(await copiesOf(pipeline({ idempotent: true, hedge: { delay: 10, idempotent: false } })), 1);
    assert.equal(await copiesOf(pipeline({ idempotent: false, hedge: 10 })), 1);
    assert.equal(await copiesOf(pipeline({ idempotent: false, hedge: 10 }), { idempotent: true }), 2);
  });

  it('refuses a hedge without it, and names the remedy', () => {
    const expected =
      /idempotent must be given, because a copy does the work twice: true, here or for the whole pipeline, if that does no harm; false to copy only the calls of execute\(work, \{ idempotent: true \}\)$/;
    // @ts-expect-error idempotent is missing.
    assert.match(thrown(() => hedge({ delay: 10 })).message, expected);
    // @ts-expect-error idempotent is missing.
    const { message } = thrown(() => pipeline({ name: 'orders', hedge: 10 }));
    assert.match(message, /^Policy orders: hedge\.idempotent must be given, /);
    // @ts-expect-error idempotent is missing.
    assert.throws(() => pipeline({ hedge: { delay: 10 } }), OptionsError);
  });

  it('refuses one that is not a boolean once', () => {
    const error = thrown(() => pipeline({ hedge: 10, idempotent: 'yes' as never }));
    assert.ok(error instanceof OptionsError);
  });
});

describe('an open circuit', () => {
  it('ends a retry whatever the option idempotent is', async () => {
    const calls = pipeline({ idempotent: true, retry: { delay: 0 }, breaker: { name: 'orders' } });
    calls.breaker?.forceOpen();
    assert.ok((await rejection(calls.execute(() => 1))) instanceof CircuitOpenError);
  });
});
