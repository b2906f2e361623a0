import type { Permit } from 'fusewire';
import { breakerProgram } from './breaker-program.ts';
import type { Program, Subject } from './program.ts';
import { breakerOf } from './subjects.ts';
import type { Breaker } from './subjects.ts';

/** Programs whose callers wait until the circuit may admit their call. */
export function readyPrograms(): Program[] {
  const program = (name: string, options: object = {}, rest: Partial<Program> = {}): Program =>
    breakerProgram(name, waiting, { failureThreshold: 1, ...options }, { calls: 3, ...rest });
  return [
    program('callers that wait for the circuit'),
    program('callers that wait for several probes', { maxConcurrentRequests: 2, successThreshold: 2 }, { depth: 7 }),
    program('callers that wait for gradual traffic', { recovery: { ramp: 30 } }, { depth: 7 }),
    program('callers that wait under commands', {}, { calls: 2, depth: 5, commands: COMMANDS }),
    program(
      'callers that wait while the breaker is opened, disabled and enabled',
      {},
      {
        calls: 2,
        depth: 5,
        commands: ['open', 'disable', 'enable'],
      },
    ),
    {
      ...program('callers that wait and leave as the circuit becomes half-open'),
      create(fusewire, observer) {
        const breaker = breakerOf(fusewire, observer, { failureThreshold: 1 });
        breaker.on('halfOpen', () => breaker.dispose());
        return { calls: waiting(breaker), breaker };
      },
    },
  ];
}

/** Settles a permit with the outcome of its work. */
type Settle = (permit: Permit, outcome: { readonly value: unknown } | { readonly error: unknown }) => void;

const COMMANDS = ['dispose', 'forceOpen', 'reset'] as const;

/** Returns calls that wait until the circuit may admit them. */
function waiting(breaker: Breaker): Subject['calls'] {
  const execute = (work: () => unknown, call: object) => breaker.ready(call).then(() => breaker.execute(work, call));
  return { execute } as unknown as Subject['calls'];
}

/** Programs whose calls hold a permit. */
export function permitPrograms(): Program[] {
  const program = (name: string, settle: Settle, options: object = {}, rest: Partial<Program> = {}): Program =>
    breakerProgram(name, (breaker) => withPermits(breaker, settle), options, rest);
  return [
    program('permits', settleOnce, {}, { together: true }),
    program('permits that are settled again', settleTwice, { failureThreshold: 1 }),
    program('permits that are ignored or lost', settleSome, { failureThreshold: 1 }, { depth: 7 }),
    program('permits without timeout', settleOnce, { timeout: false, responseTimes: false }),
    program('permits with calls in flight watched', settleOnce, {
      inFlight: { limit: 1 },
      slowCallDuration: 10,
      slowCallRateThreshold: 1,
    }),
    program('permits under commands', settleOnce, {}, { commands: COMMANDS, depth: 5 }),
    program(
      'permits of a breaker that is disabled and enabled',
      settleOnce,
      {},
      { commands: ['disable', 'enable'], depth: 6 },
    ),
    program('permits, late', settleOnce, {}, { late: true, depth: 5 }),
    {
      name: 'permits whose caller aborts as the circuit becomes half-open',
      calls: 2,
      depth: 6,
      aborts: true,
      create(fusewire, observer) {
        const breaker = breakerOf(fusewire, observer, { failureThreshold: 1 });
        breaker.on('halfOpen', () => observer.abortOwn());
        return { calls: withPermits(breaker, settleOnce), breaker };
      },
    },
  ];
}

const settleOnce: Settle = (permit, outcome) => {
  if ('error' in outcome) permit.fail(outcome.error);
  else permit.succeed(outcome.value);
};

const settleTwice: Settle = (permit, outcome) => {
  settleOnce(permit, outcome);
  permit.ignore();
};

/** Forgets the permits of failures, which then time out. */
const settleSome: Settle = (permit, outcome) => {
  if (!('error' in outcome)) permit.ignore();
};

/** Returns calls that acquire a permit, run the work and settle the permit. */
function withPermits(breaker: Breaker, settle: Settle): Subject['calls'] {
  const settled: Permit[] = [];
  const execute = (work: (context: Permit) => unknown, options: object) =>
    new Promise((resolve, reject) => {
      const permit = breaker.acquire(options);
      // Permits of calls before this one have no say any more.
      if (settle === settleTwice) for (const before of settled) before.ignore();
      permit.signal.addEventListener('abort', () => reject(permit.signal.reason as Error));
      Promise.resolve(work(permit)).then(
        (value) => {
          settle(permit, { value });
          settled.push(permit);
          resolve(value);
        },
        (error: unknown) => {
          settle(permit, { error });
          if (settle !== settleSome) reject(error as Error);
        },
      );
    });
  return { execute } as unknown as Subject['calls'];
}
