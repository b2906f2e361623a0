import type { Program, Subject, Observer } from './program.ts';
import type { PipelineParts } from 'fusewire';
import { idempotencePrograms } from './idempotence-programs.ts';
import { commandPrograms } from './command-programs.ts';
import { OPEN_TIME } from './play.ts';
import { listenerPrograms } from './listener-programs.ts';
import { resultPrograms } from './result-programs.ts';
import { permitPrograms, readyPrograms } from './permit-programs.ts';
import { streamPrograms } from './stream-programs.ts';
import { breakerOf, retryOf, fallbackOf, alone, policies, limited } from './subjects.ts';
import type { Breaker, Limiter } from './subjects.ts';
import type { Fusewire } from './target.ts';

const ABORTS = { calls: 2, depth: 6, aborts: true } as const;

/** One policy at a time. */
const single: Program[] = [
  {
    ...ABORTS,
    name: 'breaker',
    together: true,
    create: (fusewire, observer) => ({ ...alone(breakerOf(fusewire, observer)) }),
  },
  {
    ...ABORTS,
    name: 'breaker with half-open circuit',
    depth: 7,
    create: (fusewire, observer) => alone(breakerOf(fusewire, observer, { failureThreshold: 1 })),
  },
  {
    ...ABORTS,
    name: 'breaker without timeout',
    create: (fusewire, observer) => alone(breakerOf(fusewire, observer, { timeout: false, responseTimes: false })),
  },
  {
    ...ABORTS,
    name: 'breaker that watches calls in flight',
    create: (fusewire, observer) =>
      alone(breakerOf(fusewire, observer, { inFlight: { limit: 1 }, slowCallDuration: 10, slowCallRateThreshold: 1 })),
  },
  {
    ...ABORTS,
    name: 'timeout',
    together: true,
    create: ({ timeout }) => policies(timeout(20)),
  },
  {
    ...ABORTS,
    name: 'cooperative timeout',
    heeds: true,
    create: ({ timeout }) => policies(timeout({ timeout: 20, strategy: 'cooperative' })),
  },
  { ...ABORTS, name: 'retry', together: true, create: (fusewire, observer) => policies(retryOf(fusewire, observer)) },
  {
    ...ABORTS,
    name: 'bulkhead',
    calls: 3,
    together: true,
    create: ({ bulkhead }) => limited(1, bulkhead({ limit: 1, queueSize: 1, maxWait: 15 })),
  },
  {
    ...ABORTS,
    name: 'bulkhead with priorities',
    calls: 4,
    priorities: [0, 1, 4, 2],
    create: ({ bulkhead }) => limited(1, bulkhead({ limit: 1, queueSize: 1 })),
  },
  {
    ...ABORTS,
    name: 'adaptive bulkhead',
    calls: 3,
    create: ({ adaptiveBulkhead }, observer) =>
      limited(
        1,
        adaptiveBulkhead({
          initial: 1,
          max: 1,
          queueSize: 2,
          classify: (outcome) => ('error' in outcome && observer.ran('classify', outcome.error), 'ignore'),
        }),
      ),
  },
  {
    ...ABORTS,
    name: 'rate limit',
    calls: 3,
    create: ({ rateLimit }) => policies(rateLimit({ limit: 1, per: 30, maxWait: 100 })),
  },
  { ...ABORTS, name: 'hedge', create: ({ hedge }) => policies(hedge({ delay: 5, maxHedges: 2, idempotent: true })) },
  {
    ...ABORTS,
    name: 'shedLoad',
    create: ({ shedLoad }, observer) =>
      policies(
        shedLoad({
          classify: (outcome) => ('error' in outcome && observer.ran('classify', outcome.error), undefined),
          seed: 1,
        }),
      ),
  },
  { ...ABORTS, name: 'fallback', create: (fusewire, observer) => policies(fallbackOf(fusewire, observer)) },
  {
    ...ABORTS,
    name: 'shared call of a cache',
    calls: 3,
    shared: true,
    create: ({ cache }) => policies(cache({ freshFor: 1_000 })),
  },
  {
    ...ABORTS,
    name: 'shared call of a cache that answers failed calls',
    calls: 3,
    shared: true,
    create: ({ cache }) => policies(cache({ staleFor: 1_000, coalesce: true })),
  },
];

/** Classifier by which the value of every call of an even number is a failure. */
function byParity(observer: Observer) {
  return (outcome: { readonly error: unknown } | { readonly value: unknown }): 'failure' | undefined => {
    if ('error' in outcome) return void observer.ran('classify', outcome.error);
    observer.ran('classify', outcome.value);
    return (outcome.value as { readonly call?: number } | null)?.call === 0 ? 'failure' : undefined;
  };
}

/** Values that count as failures. */
const values: Program[] = [
  {
    ...ABORTS,
    name: 'retry of values',
    create: ({ retry }, observer) => policies(retry({ attempts: 2, delay: 10, classify: byParity(observer) })),
  },
  {
    ...ABORTS,
    name: 'hedge of values',
    hedged: true,
    create: ({ hedge }, observer) =>
      policies(hedge({ delay: 5, maxHedges: 1, classify: byParity(observer), idempotent: true })),
  },
  {
    ...ABORTS,
    name: 'pipeline with a classifier',
    create(fusewire, observer) {
      const breaker = breakerOf(fusewire, observer, { classify: undefined, isFailure: undefined });
      const retry = fusewire.retry({ attempts: 2, delay: 10, idempotent: true });
      const limit = fusewire.adaptiveBulkhead({ initial: 1, max: 1, queueSize: 1 });
      const layers = [fallbackOf(fusewire, observer), retry, breaker, limit];
      const calls = fusewire.pipeline(layers, { classify: byParity(observer) });
      return { calls, breaker, policies: [retry, limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
];

/** Pairs and pipelines. */
const together: Program[] = [
  pipelineOf('total timeout around a retry around a bulkhead', ({ timeout, bulkhead }, retry) => {
    const limit = bulkhead({ limit: 1, queueSize: 1 });
    return [[timeout(25), retry, limit], limit];
  }),
  pipelineOf('total timeout around a retry around an adaptive bulkhead', ({ timeout, adaptiveBulkhead }, retry) => {
    const limit = adaptiveBulkhead({ initial: 1, max: 1, queueSize: 1 });
    return [[timeout(25), retry, limit], limit];
  }),
  pipelineOf('breaker around a bulkhead', ({ bulkhead }, _retry, breaker) => {
    const limit = bulkhead({ limit: 1, queueSize: 2 });
    return [[breaker, limit], limit, breaker];
  }),
  {
    ...ABORTS,
    name: 'breaker around a bulkhead that opens while calls wait',
    calls: 3,
    waitsFree: true,
    create(fusewire, observer) {
      const breaker = breakerOf(fusewire, observer, { failureThreshold: 1 });
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 2 });
      const calls = fusewire.pipeline([breaker, limit]);
      return { calls, breaker, policies: [limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
  {
    ...ABORTS,
    name: 'breaker around a bulkhead under commands',
    depth: 5,
    commands: ['dispose', 'forceOpen', 'reset'],
    create(fusewire, observer) {
      const breaker = breakerOf(fusewire, observer);
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 1 });
      const calls = fusewire.pipeline([breaker, limit]);
      return { calls, breaker, policies: [limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
  {
    ...ABORTS,
    name: 'timeout around a breaker around a bulkhead with priorities',
    calls: 4,
    priorities: [0, 1, 4, 2],
    create(fusewire, observer) {
      const breaker = breakerOf(fusewire, observer);
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 1 });
      const total = fusewire.timeout(25);
      const calls = fusewire.pipeline([total, breaker, limit]);
      return { calls, breaker, policies: [total, limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
  pipelineOf('breaker around a bulkhead around a timeout', ({ bulkhead, timeout }, _retry, breaker) => {
    const limit = bulkhead({ limit: 1, queueSize: 2 });
    return [[breaker, limit, timeout(10)], limit, breaker];
  }),
  pipelineOf('breaker around a timeout around a bulkhead', ({ bulkhead, timeout }, _retry, breaker) => {
    const limit = bulkhead({ limit: 1, queueSize: 2 });
    return [[breaker, timeout(15), limit], limit, breaker];
  }),
  pipelineOf('bulkhead around a breaker', ({ bulkhead }, _retry, breaker) => {
    const limit = bulkhead({ limit: 1, queueSize: 2 });
    return [[limit, breaker], limit, breaker];
  }),
  pipelineOf('bulkhead around a timeout', ({ bulkhead, timeout }) => {
    const limit = bulkhead({ limit: 1, queueSize: 2 });
    return [[limit, timeout(10)], limit];
  }),
  pipelineOf('bulkhead around a retry around a timeout', ({ bulkhead, timeout }, retry) => {
    return [[bulkhead({ limit: 1, queueSize: 2 }), retry, timeout(10)]];
  }),
  pipelineOf('bulkhead that abandons work', ({ bulkhead, timeout }) => {
    return [[timeout(5), bulkhead({ limit: 1, queueSize: 2, abandonAfter: 10 }), timeout(4)]];
  }),
  pipelineOf('two bulkheads', ({ bulkhead, timeout }) => {
    const limit = bulkhead({ limit: 1, queueSize: 2 });
    return [[bulkhead({ name: 'outer', limit: 2, queueSize: 2 }), timeout(10), limit], limit];
  }),
  pipelineOf('breaker around a rate limit', ({ rateLimit }, _retry, breaker) => {
    const rate = rateLimit({ limit: 1, per: 30, maxWait: 100 });
    return [[breaker, rate], undefined, breaker];
  }),
  pipelineOf('total timeout around a rate limit', ({ rateLimit, timeout }) => {
    return [[timeout(40), rateLimit({ limit: 1, per: 30, maxWait: 100 })]];
  }),
  pipelineOf('retry around a breaker', (_fusewire, retry, breaker) => [[retry, breaker], undefined, breaker]),
  pipelineOf('hedge around a breaker around a bulkhead', ({ hedge, bulkhead }, _retry, breaker) => {
    const limit = bulkhead({ limit: 2, queueSize: 2 });
    return [[hedge({ delay: 5, idempotent: true }), breaker, limit], limit, breaker];
  }),
  pipelineOf('timeout around a hedge around a bulkhead', ({ hedge, bulkhead, timeout }) => {
    const limit = bulkhead({ limit: 2, queueSize: 2 });
    return [[timeout(12), hedge({ delay: 5, idempotent: true }), limit], limit];
  }),
  {
    ...ABORTS,
    name: 'pipeline that derives the limit of an attempt',
    create(fusewire, observer) {
      const total = fusewire.timeout(40);
      const retry = retryOf(fusewire, observer);
      const breaker = { name: 'breaker', failureThreshold: 2, successThreshold: 1, resetTimeout: OPEN_TIME };
      const calls = fusewire.pipeline({ timeout: total, retry, breaker });
      return { calls, breaker: calls.breaker, policies: [total, retry] };
    },
  },
  {
    ...ABORTS,
    name: 'standard pipeline',
    create(fusewire, observer) {
      const { bulkhead, pipeline, timeout } = fusewire;
      const breaker = breakerOf(fusewire, observer);
      const limit = bulkhead({ limit: 1, queueSize: 1, maxWait: 30 });
      const total = timeout(60);
      const retry = retryOf(fusewire, observer);
      const calls = pipeline([fallbackOf(fusewire, observer), total, retry, breaker, limit, timeout(15)]);
      return { calls, breaker, policies: [total, retry, limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
  {
    ...ABORTS,
    name: 'shared call of a cache around a bulkhead',
    calls: 3,
    shared: true,
    create({ bulkhead, cache, pipeline }) {
      const limit = bulkhead({ limit: 1, queueSize: 1 });
      const calls = pipeline([cache({ freshFor: 1_000 }), limit]);
      return { calls, policies: [limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
];

/** Listeners and predicates that act. */
const actors: Program[] = (['failure', 'success', 'timeout', 'halfOpen', 'open', 'reject'] as const).flatMap(
  (event) => [
    acting(`a ${event} listener that makes another call`, event, (observer) => observer.reenter()),
    acting(`a ${event} listener that aborts its call`, event, (observer) => observer.abortOwn()),
    acting(`a ${event} listener that disposes of the breaker`, event, (_observer, breaker) => breaker.dispose()),
    acting(
      `a ${event} listener that aborts its call of the breaker alone`,
      event,
      (observer) => observer.abortOwn(),
      true,
    ),
  ],
);

/** User code that throws. */
const throwing: Program[] = (['listener', 'classify', 'isFailure', 'clock', 'logger', 'retryIf'] as const).map(
  (what) => ({
    ...ABORTS,
    name: `${what} that throws`,
    depth: 5,
    throws: true,
    create(fusewire, observer) {
      const fail = (): never => {
        throw new Error(`the ${what} throws`);
      };
      const log = { warn: fail, info: fail, error: fail, debug: fail };
      const options =
        what === 'logger' ? { logger: log } : what === 'listener' || what === 'retryIf' ? {} : { [what]: fail };
      const breaker = breakerOf(fusewire, observer, { failureThreshold: 1, ...options });
      if (what === 'listener')
        for (const event of ['failure', 'success', 'timeout', 'open'] as const) breaker.on(event, fail);
      const retry = retryOf(fusewire, observer, what === 'retryIf' ? { retryIf: fail } : {});
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 1 });
      return {
        calls: fusewire.pipeline([retry, breaker, limit]),
        breaker,
        policies: [retry, limit],
        limiters: [{ limit: 1, policy: limit }],
      };
    },
  }),
);

/** All programs. */
export const programs: readonly Program[] = [
  ...single,
  ...values,
  ...together,
  ...actors,
  ...throwing,
  ...listenerPrograms(retryOf),
  ...commandPrograms,
  ...resultPrograms,
  ...idempotencePrograms(retryOf),
  ...permitPrograms(),
  ...streamPrograms(),
  ...readyPrograms(),
  // What work does with its signal, and late timers, change every run.
  ...[...single, ...values, ...together, ...commandPrograms].map((program) => ({
    ...program,
    name: `${program.name}, heeded`,
    heeds: true,
  })),
  ...single.slice(0, 6).map((program) => ({ ...program, name: `${program.name}, late`, late: true, depth: 5 })),
];

type Layers = Exclude<Parameters<Fusewire['pipeline']>[0], PipelineParts>;

function pipelineOf(
  name: string,
  layersOf: (
    fusewire: Fusewire,
    retry: ReturnType<Fusewire['retry']>,
    breaker: Breaker,
  ) => readonly [layers: readonly unknown[], limiter?: Limiter | undefined, breaker?: Breaker | undefined],
): Program {
  return {
    ...ABORTS,
    name,
    hedged: name.startsWith('hedge'),
    waitsFree: /^breaker around a (bulkhead|rate limit)$/.test(name),
    create(fusewire, observer) {
      const own = breakerOf(fusewire, observer);
      const [layers, limiter, breaker] = layersOf(fusewire, retryOf(fusewire, observer), own);
      const calls = fusewire.pipeline(layers as unknown as Layers, { checked: false });
      const counted = layers.filter((layer) => layer !== breaker) as NonNullable<Subject['policies']>;
      const limit = name.startsWith('hedge') || name.includes('a hedge') ? 2 : 1;
      return {
        calls,
        breaker,
        policies: counted,
        ...(limiter && { limiters: [{ limit, policy: limiter }] }),
      };
    },
  };
}

function acting(
  name: string,
  event: 'failure' | 'success' | 'timeout' | 'halfOpen' | 'open' | 'reject',
  act: (observer: Observer, breaker: Breaker) => void,
  isAlone = false,
): Program {
  return {
    ...ABORTS,
    name,
    depth: 5,
    create(fusewire, observer) {
      const breaker = breakerOf(fusewire, observer, { failureThreshold: 1 });
      breaker.on(event, () => act(observer, breaker));
      if (isAlone) return alone(breaker);
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 1 });
      return {
        calls: fusewire.pipeline([breaker, limit]),
        breaker,
        policies: [limit],
        limiters: [{ limit: 1, policy: limit }],
      };
    },
  };
}
