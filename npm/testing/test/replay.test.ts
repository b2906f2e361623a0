import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OptionsError, pipeline, retry } from 'fusewire';
import type { CircuitBreakerOptions } from 'fusewire';
import {
  failWith,
  fakeTime,
  hang,
  manualClock,
  recordedBreaker,
  replay,
  scripted,
  succeed,
  times,
} from '@fusewire/testing';
import type { EventLog, ManualClock, RecordedBreaker } from '@fusewire/testing';

/** Returns a log as it is after storing it as JSON. */
const stored = (log: EventLog): EventLog => JSON.parse(JSON.stringify(log));

interface Call {
  settle(): Promise<unknown>;
}

interface World {
  readonly breaker: RecordedBreaker;
  readonly clock: ManualClock;
  readonly running: Call[];
}

/** Changes options, unless they contradict the others. */
function ignoreInvalid(change: () => void): void {
  try {
    change();
  } catch (error) {
    assert.ok(error instanceof OptionsError);
  }
}

/** Actions of a random program. */
const actions = {
  begin({ breaker, running }: World, outcome: string, byPromise: boolean) {
    let settle = () => {};
    const start = () =>
      new Promise<void>((resolve, reject) => {
        settle = () => (outcome === 'success' ? resolve() : reject(new Error(outcome)));
      });
    const settled = breaker.tryExecute(byPromise ? start() : start);
    running.push({
      settle: () => {
        settle();
        return settled;
      },
    });
  },
  settle: ({ running }: World, index: number) => running.splice(index % running.length, 1)[0]?.settle(),
  advance: ({ clock }: World, milliseconds: number) => clock.advance(milliseconds),
  readState: ({ breaker }: World) => breaker.state,
  reset: ({ breaker }: World) => breaker.reset(),
  forceOpen: ({ breaker }: World) => breaker.forceOpen(),
  forceOpenAndRelease: ({ breaker }: World) => breaker.forceOpen()(),
  forceClosed: ({ breaker }: World) => breaker.forceClosed(),
  shadow: ({ breaker }: World) => breaker.shadow(),
  releaseOverride: ({ breaker }: World) => breaker.releaseOverride(),
  open: ({ breaker }: World, duration: number | undefined) => breaker.open(duration),
  update: ({ breaker }: World, failureThreshold: number) => ignoreInvalid(() => breaker.update({ failureThreshold })),
  updateAfterTrial: ({ breaker }: World, failureThreshold: number) =>
    ignoreInvalid(() => breaker.update({ failureThreshold }, { shadow: true }).apply()),
};

type Step = readonly [action: keyof typeof actions, ...details: unknown[]];

const outcomes = fc.constantFrom('success', 'failure', 'ignore', 'openFor');
const orders = [
  'readState',
  'reset',
  'forceOpen',
  'forceOpenAndRelease',
  'forceClosed',
  'shadow',
  'releaseOverride',
] as const;
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('begin' as const), outcomes, fc.boolean()) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('settle' as const), fc.nat({ max: 20 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('advance' as const), fc.nat({ max: 700 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...orders)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('open' as const), fc.option(fc.integer({ min: 1, max: 700 }), { nil: undefined })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('update' as const, 'updateAfterTrial' as const),
      fc.integer({ min: 1, max: 5 }),
    ),
  },
);

async function perform(world: World, [action, ...details]: Step): Promise<void> {
  await (actions[action] as (world: World, ...details: unknown[]) => unknown)(world, ...details);
}

const optionSets: fc.Arbitrary<CircuitBreakerOptions> = fc.constantFrom<CircuitBreakerOptions>(
  { failureThreshold: 2, resetTimeout: 300, successThreshold: 1 },
  { consecutiveFailureThreshold: 2, resetTimeout: { initial: 200, factor: 3, jitter: 0.5 }, maxConcurrentRequests: 2 },
  { failureRateThreshold: 0.5, minimumCalls: 2, window: { type: 'count', size: 4 }, resetTimeout: 250 },
  { failureThreshold: 1, resetTimeout: 200, successThreshold: 1, recovery: { ramp: 1_000 } },
  {
    failureThreshold: 2,
    resetTimeout: 200,
    halfOpen: { calls: 3, failureRateThreshold: 0.5 },
    maxConcurrentRequests: 3,
  },
);

test('replay() repeats the transitions, rejections and totals of a recorded breaker', async () => {
  let transitions = 0;
  const program = fc.array(steps, { minLength: 20, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(optionSets, program, async (options, program) => {
      const clock = manualClock();
      const breaker = recordedBreaker({
        ...options,
        clock,
        timeout: false,
        classify: (outcome) => {
          if (!('error' in outcome)) return 'success';
          const { message } = outcome.error as Error;
          return message === 'openFor' ? { openFor: 123 } : message === 'ignore' ? 'ignore' : 'failure';
        },
      });
      const world = { breaker, clock, running: [] };
      for (const step of program) await perform(world, step);
      const result = await replay(stored(breaker.log));
      assert.deepEqual(result.transitions, result.recorded);
      assert.deepEqual(result.differences, []);
      assert.equal(result.same, true);
      const { totalRequests, totalRejected, totalFailures, totalSuccesses, state } = breaker.getStats();
      const replayed = result.breaker.getStats();
      assert.deepEqual(
        [
          replayed.totalRequests,
          replayed.totalRejected,
          replayed.totalFailures,
          replayed.totalSuccesses,
          replayed.state,
        ],
        [totalRequests, totalRejected, totalFailures, totalSuccesses, state],
      );
      transitions += result.transitions.length;
    }),
    { numRuns: 300, seed: 1 },
  );
  assert.ok(transitions > 1_000, `${transitions} transitions were replayed`);
});

test('replay() with other options counts the calls that they reject or admit', async () => {
  const clock = manualClock();
  const breaker = recordedBreaker({ name: 'mpesa', failureThreshold: 5, clock });
  const dependency = scripted(times(8, failWith()));
  for (let call = 0; call < 8; call++) await breaker.execute(dependency).catch(() => clock.advance(10));
  const { log } = breaker;
  const stricter = await replay(log, { failureThreshold: 2 });
  assert.equal(stricter.same, false);
  assert.equal(stricter.saved, 3);
  assert.equal(stricter.breaker.getStats().totalFailures, 2);
  const laxer = await replay(log, { failureThreshold: 100 });
  assert.deepEqual([laxer.admitted, laxer.transitions.length, laxer.recorded.length], [3, 0, 1]);
});

test('recordedBreaker() records timeouts on the default clock', async () => {
  using time = fakeTime();
  const breaker = recordedBreaker({ timeout: 50, failureThreshold: 2, resetTimeout: 500 });
  const slow = scripted([succeed(1, { after: 60 })], { afterwards: 'repeat' });
  for (let call = 0; call < 2; call++) {
    const settled = breaker.tryExecute(slow);
    await time.advance(60);
    assert.equal((await settled).status, 'failure');
  }
  const outcomes = breaker.log.entries.filter((entry) => entry.type === 'outcome').map((entry) => entry.outcome);
  assert.deepEqual(outcomes, ['timeout', 'timeout']);
  assert.equal((await replay(stored(breaker.log))).same, true);
});

test('recordedBreaker() records the calls of a pipeline and of a wrapped function', async () => {
  const clock = manualClock();
  const breaker = recordedBreaker({ failureThreshold: 2, clock });
  const call = pipeline([retry({ attempts: 1 }), breaker]);
  await call.execute(scripted([succeed(1)]));
  await assert.rejects(call.execute(scripted([failWith()])));
  await assert.rejects(breaker.wrap(scripted([failWith()]))());
  const result = await replay(stored(breaker.log));
  assert.equal(result.same, true);
  assert.deepEqual(
    result.transitions.map(({ to }) => to),
    ['OPEN'],
  );
  assert.equal(result.breaker.getStats().totalRequests, 3);
});

test('replay() releases an order that follows the admission of a pipeline', async () => {
  const clock = manualClock();
  const breaker = recordedBreaker({ clock });
  const dependency = scripted([hang(), succeed(1)]);
  const controller = new AbortController();
  const hung = pipeline([retry({ attempts: 1 }), breaker]).execute(dependency, { signal: controller.signal });
  clock.advance(1);
  const release = breaker.forceOpen();
  controller.abort();
  await assert.rejects(hung);
  clock.advance(1);
  release();
  clock.advance(1);
  await breaker.execute(dependency);
  const { log } = breaker;
  assert.deepEqual(
    log.entries.map(({ type }) => type),
    ['admission', 'order', 'transition', 'outcome', 'order', 'transition', 'admission', 'outcome'],
  );
  assert.equal((await replay(stored(log))).same, true);
});

test('recordedBreaker() marks a log as truncated after its limit', async () => {
  const breaker = recordedBreaker({}, { limit: 3 });
  const dependency = scripted([succeed(1)], { afterwards: 'repeat' });
  for (let call = 0; call < 3; call++) await breaker.execute(dependency);
  assert.equal(breaker.log.entries.length, 3);
  assert.equal(breaker.log.truncated, true);
});

test('recordedBreaker() and replay() reject invalid options and logs', async () => {
  assert.throws(() => recordedBreaker({ responseTimes: false }), /responseTimes must be true/);
  assert.throws(() => recordedBreaker({ observables: 'first-value' }), /observables must be 'reject'/);
  assert.throws(() => recordedBreaker({ scope: 'process', name: 'a' }), /scope must be 'local'/);
  assert.throws(() => recordedBreaker({}, { limit: 0 }), /limit must be a whole number from 1 to 10000000, got 0/);
  assert.throws(() => recordedBreaker({ failureThreshold: -1 }), /failureThreshold must be/);
  assert.throws(() => recordedBreaker({}, { limits: 5 } as object), /limits is not an option/);
  assert.throws(() => recordedBreaker({ clock: 5 as never }), /clock must be a function, got 5/);
  assert.throws(
    () => recordedBreaker({ resetTimeout: { initial: () => 5 } as never }),
    /resetTimeout\.initial must be/,
  );
  for (const options of [null, 5, []])
    assert.throws(() => recordedBreaker(options as never), /options must be an object/);
  await assert.rejects(replay({} as EventLog), /replay takes the log of a recorded breaker/);
  const secret = { version: 's3cr3t', entries: [], until: 0 };
  await assert.rejects(replay(secret as never), /of version 1, got a value of type string$/);
  await assert.rejects(replay({ version: 2, entries: [], until: 0 } as never), /reads logs of version 1, got 2/);
});

test('replay() reports every problem of an invalid entry', async () => {
  const { log } = recordedBreaker({});
  const admission = { type: 'admission', at: 0, call: 0 };
  const TIME = 'a finite number of milliseconds';
  for (const [entry, complaint] of [
    [5, 'options must be an object, got 5'],
    [{}, 'type must be given; at must be given'],
    [
      { ...admission, at: '0', call: 0.5 },
      `at must be ${TIME}, got a string; call must be a whole number from 0 on, got 0.5`,
    ],
    [{ ...admission, cal: 1 }, 'cal is not an option; did you mean call?'],
    [{ type: 'outcome', at: 1, call: 0, outcome: 'lost' }, /^outcome must be 'success' or .*, got "lost"$/],
    [{ type: 'order', at: 1, order: 'dispose' }, /^order must be 'forceOpen' or .*, got "dispose"$/],
    [{ type: 'order', at: 1, order: 'release' }, 'released must be given'],
    [
      { type: 'transition', at: 1, from: 'SHUT', to: 'OPEN', reason: 'x', shadow: false },
      /^from must be .*, got "SHUT"$/,
    ],
  ] as const) {
    const replayed = replay({ ...log, entries: [admission, entry] as never });
    await assert.rejects(replayed, (error: Error) => {
      const [, message = ''] = /^Log entry 1: (.*)$/.exec(error.message) ?? [];
      if (typeof complaint === 'string') assert.equal(message, complaint);
      else assert.match(message, complaint);
      return true;
    });
  }
  await assert.rejects(replay({ ...log, until: Number.NaN }), /replay takes the log of a recorded breaker/);
  await assert.rejects(
    replay(log, { clock: () => 0, classify: () => 'ignore', isFailure: () => true, scope: 'process', name: 'a' }),
    /(?=.*clock must be left out)(?=.*classify must be)(?=.*isFailure must be)(?=.*scope must be 'local')/,
  );
  await assert.rejects(replay(log, 5 as never), /Circuit breaker replayed: options must be an object, got 5/);
});

test('an order that was refused is not in the log', () => {
  const breaker = recordedBreaker({ clock: manualClock() });
  assert.throws(() => breaker.open(0), /duration/);
  assert.throws(() => breaker.update({ failureThreshold: 0 }), /failureThreshold/);
  breaker.open(50);
  breaker.update({ failureThreshold: 3 });
  const orders = breaker.log.entries.filter((entry) => entry.type === 'order');
  assert.deepEqual(
    orders.map(({ order, duration, changes }) => ({ order, duration, changes })),
    [
      { order: 'open', duration: 50, changes: undefined },
      { order: 'update', duration: undefined, changes: { failureThreshold: 3 } },
    ],
  );
});
