// Random programs for a breaker, and what can be seen of a breaker that runs one.

import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import fc from 'fast-check';
import type { BreakerEvents, CircuitBreaker, Options } from '@fusewire/opossum';
import { advance, settled, sleep, startTime } from './fake-time.ts';

/** What one call of the action does. */
export interface Work {
  readonly kind: 'value' | 'resolve' | 'reject' | 'benign' | 'throw';
  /** When it does so: 0 for at once. */
  readonly after: number;
}

/** One step of a program. */
export type Step =
  | { readonly do: 'fire'; readonly work: Work; readonly key: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'open' | 'close' | 'enable' | 'disable' | 'clearCache' | 'rotate' | 'fallIll' | 'recover' };

/** A program. */
export interface Program {
  readonly options: Options;
  readonly fallback: 'none' | 'value' | 'throws' | 'rejects';
  readonly steps: readonly Step[];
  /** Whether a call may begin before the last one has ended. */
  readonly concurrent: boolean;
  /** Whether the window moves only when it is told. */
  readonly rotates: boolean;
  /** Milliseconds between health checks. */
  readonly health: number | undefined;
}

/** As listeners hear them: one that a breaker of opossum's has itself may come before. */
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

/** What was seen: in each millisecond, in order. */
export interface Trace {
  readonly seen: readonly string[][];
  /** The first millisecond in which a call ended that was admitted before the last transition, while that mattered. */
  readonly firstLate: number;
}

/** The class under test. */
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

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('fire' as const), work, key: oneOf(1, 1, 2, 3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: oneOf(1, 3, 6, 12, 25, 60) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('open', 'close', 'enable', 'disable', 'clearCache' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('rotate', 'fallIll', 'recover' as const) }) },
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

const keeping = {
  cache: fc.boolean(),
  cacheTTL: oneOf(0, 10, 30),
  cacheSize: oneOf(1, 2, 100),
  coalesce: fc.boolean(),
  coalesceTTL: oneOf(5, 20),
  coalesceSize: oneOf(1, 100),
  coalesceResetOn: fc.subarray(['error', 'success', 'timeout'] as const),
};

const filter = fc.boolean().map((filters) => (filters ? { errorFilter: isBenign } : {}));

/** Any program, but for those that meet what is different on purpose: see the README. */
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
        fc.oneof(fc.constant({}), fc.record(keeping)),
        filter,
      )
      .map((parts) => Object.assign({ name: 'random' }, ...parts) as Options),
    fallback: oneOf('none', 'none', 'value', 'throws', 'rejects' as const),
    steps: fc.array(step, { minLength: 1, maxLength: 40 }),
    concurrent: fc.boolean(),
    rotates: oneOf(false, false, true),
    health: oneOf(undefined, undefined, 7),
  })
  .filter((program) => !sharesWhatItShouldForget(program) && !probesInWarmUp(program));

/** A circuit of opossum's that is opened by hand in its warm-up, and whose probe fails, stays half-open. */
function probesInWarmUp({ options, steps, health }: Program): boolean {
  const opens = options.state !== undefined || health !== undefined || steps.some((step) => step.do === 'open');
  return options.allowWarmUp === true && opens;
}

/** opossum goes on sharing a call that failed before it began, although it is told to forget errors. */
function sharesWhatItShouldForget({ options, steps }: Program): boolean {
  const fails =
    options.capacity !== undefined || steps.some((step) => step.do === 'fire' && step.work.kind === 'throw');
  return options.coalesce === true && options.coalesceResetOn?.includes('error') === true && fails;
}

/** Runs a program, in a time of its own. */
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
  const moves: number[] = [0];
  const opened: boolean[] = [false];
  const attempts: { readonly moves: number; readonly ends: number }[] = [];
  const rotateBucketController = new EventEmitter();
  let moved = 0;
  let isIll = false;
  const now = (): number => seen.length - 1;
  const see = (what: string): void => void (seen[now()] as string[]).push(what);

  const breaker = new Breaker(
    ({ kind, after }: Work) => {
      const limit = options.timeout || Infinity;
      attempts.push({ moves: moved, ends: now() + Math.min(after, breaker.enabled ? limit : after) });
      return perform(kind, after);
    },
    { ...options, ...(rotates && { rotateBucketController }) },
  );
  if (fallback !== 'none') breaker.fallback(FALLBACKS[fallback]);
  for (const event of EVENTS) {
    breaker.on(event, (...args: unknown[]) => {
      if (event === 'open' || event === 'halfOpen' || event === 'close') moved++;
      see(`${event}(${args.map(show).join(', ')})`);
    });
  }

  const look = (): void => {
    const { enabled, closed, halfOpen, pendingClose, warmUp, isShutdown, stats } = breaker;
    see(JSON.stringify([enabled, closed, breaker.opened, halfOpen, pendingClose, warmUp, isShutdown]));
    see(JSON.stringify(stats));
    see(`signal aborted: ${breaker.getSignal()?.aborted}`);
    moves[now()] = moved;
    opened[now()] = breaker.opened;
  };
  const wait = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed++) {
      seen.push([]);
      await advance(1);
      look();
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
        // A disabled breaker of opossum's throws what the action throws.
        new Promise((resolve) => resolve(breaker.fire(step.work, step.key))).then(ended('resolved'), ended('rejected'));
        await settled();
        while (!concurrent && running > 0) await wait(1);
        break;
      }
      case 'wait':
        await wait(step.milliseconds);
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
    look();
  }
  breaker.shutdown();
  const staysOpen = (at: number): boolean =>
    opened[at - 1] === true && opened[at] === true && moves[at - 1] === moves[at];
  const late = attempts.filter(({ moves: before, ends }) => (moves[ends] ?? moved) > before && !staysOpen(ends));
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
