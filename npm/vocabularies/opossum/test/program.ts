// Random programs for a breaker, and the trace of a breaker that runs one.

import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import fc from 'fast-check';
import type { BreakerEvents, CircuitBreaker, Options, Settings } from '@fusewire/opossum';
import { advance, settled, sleep, startTime } from './fake-time.ts';

/** Behaviour of one call of the action. */
export interface Work {
  readonly kind: 'value' | 'resolve' | 'reject' | 'benign' | 'throw';
  /** Milliseconds until it settles. */
  readonly after: number;
}

/** Options that a step changes. A timeout changes only while no call runs. */
type Changes = Pick<Settings, 'timeout' | 'resetTimeout' | 'errorThresholdPercentage' | 'cache' | 'coalesce'>;

/** Step of a program. */
export type Step =
  | { readonly do: 'fire'; readonly work: Work; readonly key: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'set'; readonly change: Partial<Changes> }
  | { readonly do: 'open' | 'close' | 'enable' | 'disable' | 'clearCache' | 'rotate' | 'fallIll' | 'recover' };

/** Program: a breaker, and steps that it runs. */
export interface Program {
  readonly options: Options;
  readonly fallback: 'none' | 'value' | 'throws' | 'rejects';
  readonly steps: readonly Step[];
  /** Whether a call may begin before the last one has ended. */
  readonly concurrent: boolean;
  /** Whether the window moves only by steps `rotate`. */
  readonly rotates: boolean;
  /** Milliseconds between health checks. */
  readonly health: number | undefined;
}

/** Events that the trace records. */
const EVENTS = [
  'fire',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
  'coalesceCacheMiss',
  'reject',
  'timeout',
  'success',
  'semaphoreLocked',
  'healthCheckFailed',
  'failure',
  'fallback',
  'open',
  'halfOpen',
  'close',
  'shutdown',
] as const satisfies (keyof BreakerEvents)[];

/** Observations of a breaker: events, results and getters. */
export interface Trace {
  /** Observations of each millisecond, in order. */
  readonly seen: readonly string[][];
  /** First millisecond in which a call ended that began before the last transition, in a state in which it matters. */
  readonly firstLate: number;
}

/** Class under test. */
export type BreakerClass = new (action: (...args: never[]) => unknown, options: Options) => CircuitBreaker;

const oneOf = fc.constantFrom;

const work = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: oneOf('value', 'throw' as const), after: fc.constant(0) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: oneOf('resolve', 'reject', 'reject', 'benign' as const),
      after: oneOf(0, 1, 4, 7, 15, 40),
    }),
  },
);

const change = oneOf<Partial<Changes>[]>(
  { timeout: 10 },
  { timeout: 25 },
  { timeout: false },
  { resetTimeout: 10 },
  { resetTimeout: 30 },
  { errorThresholdPercentage: 40 },
  { errorThresholdPercentage: 100 },
  { cache: false, coalesce: false },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('fire' as const), work, key: oneOf(1, 1, 2, 3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: oneOf(1, 3, 6, 12, 25, 60) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('open', 'close', 'enable', 'disable', 'clearCache' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('rotate', 'fallIll', 'recover' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set' as const), change }) },
);

const common = {
  resetTimeout: oneOf(5, 20, 45),
  errorThresholdPercentage: oneOf(0, 20, 33.3, 50, 75, 100),
  volumeThreshold: oneOf(0, 1, 3, 5),
  rollingCountTimeout: oneOf(20, 60, 100),
  rollingCountBuckets: oneOf(1, 2, 5),
  rollingPercentilesEnabled: fc.boolean(),
  enabled: oneOf(true, true, true, false),
  autoRenewAbortController: fc.boolean(),
  state: oneOf(
    undefined,
    undefined,
    { enabled: true, closed: false, open: true },
    { enabled: true, closed: false, halfOpen: true },
  ),
};

const caching = {
  cache: fc.boolean(),
  cacheTTL: oneOf(0, 10, 30),
  cacheSize: oneOf(1, 2, 100),
  coalesce: fc.boolean(),
  coalesceTTL: oneOf(5, 20),
  coalesceSize: oneOf(1, 100),
  coalesceResetOn: fc.subarray(['error', 'success', 'timeout'] as const),
};

const filter = fc.boolean().map((filters) => (filters ? { errorFilter: isBenign } : {}));

/** Programs, except those that reach a deliberate difference: see the README. */
export const program: fc.Arbitrary<Program> = fc
  .record({
    options: fc
      .tuple(
        fc.record(common),
        oneOf<Options[]>(
          { timeout: false },
          { timeout: 15, allowWarmUp: true },
          { timeout: 10 },
          { timeout: 30 },
          { timeout: 100, capacity: 1 },
          { timeout: 100, capacity: 2 },
        ),
        fc.oneof(fc.constant({}), fc.record(caching)),
        filter,
      )
      .map((records) => Object.assign({ name: 'random' }, ...records) as Options),
    fallback: oneOf('none', 'none', 'value', 'throws', 'rejects' as const),
    steps: fc.array(step, { minLength: 1, maxLength: 40 }),
    concurrent: fc.boolean(),
    rotates: oneOf(false, false, true),
    health: oneOf(undefined, undefined, 7),
  })
  .filter((program) => !sharesUnstartedFailures(program) && !probesInWarmUp(program));

/** Whether a probe may run in the warm-up. In opossum, the circuit stays half-open if that fails. */
function probesInWarmUp({ options, steps, health }: Program): boolean {
  const opens = options.state !== undefined || health !== undefined || steps.some((step) => step.do === 'open');
  return options.allowWarmUp === true && opens;
}

/** Whether a shared call may fail before it starts. opossum goes on sharing it, despite `coalesceResetOn: ['error']`. */
function sharesUnstartedFailures({ options, steps }: Program): boolean {
  const fails =
    options.capacity !== undefined || steps.some((step) => step.do === 'fire' && step.work.kind === 'throw');
  return options.coalesce === true && options.coalesceResetOn?.includes('error') === true && fails;
}

/** Runs a program under fake timers. */
export async function run(Breaker: BreakerClass, program: Program): Promise<Trace> {
  startTime();
  try {
    return await trace(Breaker, program);
  } finally {
    mock.timers.reset();
  }
}

async function trace(
  Breaker: BreakerClass,
  { options, fallback, steps, concurrent, rotates, health }: Program,
): Promise<Trace> {
  const seen: string[][] = [[]];
  /** Number of transitions at the end of each millisecond. */
  const transitions: number[] = [0];
  const opened: boolean[] = [false];
  const attempts: { readonly before: number; readonly ends: number }[] = [];
  const rotateBucketController = new EventEmitter();
  let transitionCount = 0;
  let isIll = false;
  const now = (): number => seen.length - 1;
  const see = (what: string): void => void (seen[now()] as string[]).push(what);

  const breaker = new Breaker(
    ({ kind, after }: Work) => {
      const limit = breaker.options.timeout || Infinity;
      attempts.push({ before: transitionCount, ends: now() + Math.min(after, breaker.enabled ? limit : after) });
      return perform(kind, after);
    },
    { ...options, ...(rotates && { rotateBucketController }) },
  );
  if (fallback !== 'none') breaker.fallback(FALLBACKS[fallback]);
  for (const event of EVENTS) {
    breaker.on(event, (...args: unknown[]) => {
      if (event === 'open' || event === 'halfOpen' || event === 'close') transitionCount++;
      see(`${event}(${args.map(show).join(', ')})`);
    });
  }

  const observe = (): void => {
    const { enabled, closed, halfOpen, pendingClose, warmUp, isShutdown, stats } = breaker;
    see(JSON.stringify([enabled, closed, breaker.opened, halfOpen, pendingClose, warmUp, isShutdown]));
    see(JSON.stringify(stats));
    see(`signal aborted: ${breaker.getSignal()?.aborted}`);
    transitions[now()] = transitionCount;
    opened[now()] = breaker.opened;
  };
  const wait = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed++) {
      seen.push([]);
      await advance(1);
      observe();
    }
  };

  if (health !== undefined) {
    breaker.healthCheck(async () => {
      if (isIll) throw new Error('ill');
    }, health);
  }
  opened[0] = breaker.opened;
  let calls = 0;
  let running = 0;
  for (const step of steps) {
    switch (step.do) {
      case 'fire': {
        const call = ++calls;
        running++;
        const ended = (how: string) => (value: unknown) => {
          running--;
          see(`#${call} ${how} ${show(value)}`);
        };
        // A disabled breaker of opossum throws the error of an action that throws.
        new Promise((resolve) => resolve(breaker.fire(step.work, step.key))).then(ended('resolved'), ended('rejected'));
        await settled();
        while (!concurrent && running > 0) await wait(1);
        break;
      }
      case 'wait':
        await wait(step.milliseconds);
        break;
      case 'set':
        if (running === 0 || step.change.timeout === undefined) Object.assign(breaker.options, step.change);
        break;
      case 'rotate':
        rotateBucketController.emit('rotate');
        break;
      case 'fallIll':
      case 'recover':
        isIll = step.do === 'fallIll';
        break;
      default:
        breaker[step.do]();
    }
    await settled();
    observe();
  }
  breaker.shutdown();
  const staysOpen = (at: number): boolean =>
    opened[at - 1] === true && opened[at] === true && transitions[at - 1] === transitions[at];
  const late = attempts.filter(
    ({ before, ends }) => (transitions[ends] ?? transitionCount) > before && !staysOpen(ends),
  );
  return { seen, firstLate: Math.min(...late.map(({ ends }) => ends), seen.length) };
}

function perform(kind: Work['kind'], after: number): unknown {
  const error = Object.assign(new Error(kind), { code: kind });
  if (kind === 'throw') throw error;
  if (kind === 'value') return kind;
  return (after === 0 ? Promise.resolve() : sleep(after)).then(() => {
    if (kind === 'resolve') return kind;
    throw error;
  });
}

const FALLBACKS = {
  value: (...args: unknown[]) => `fallback for ${args.map(show).join(', ')}`,
  throws: () => {
    throw new Error('fallback threw');
  },
  rejects: async () => {
    throw new Error('fallback rejected');
  },
};

function isBenign(error: { code?: unknown }): boolean {
  return error.code === 'benign';
}

function show(value: unknown): string {
  if (value instanceof Promise) return 'promise';
  if (value instanceof Error) return `${value.name} ${String((value as { code?: unknown }).code)} ${value.message}`;
  return JSON.stringify(value);
}
