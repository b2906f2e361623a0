import type { Field } from '../fields.ts';
import type { HoldKind } from '../holds.ts';
import { RequestProblem } from '../problem.ts';
import { viewOf } from './breakers.ts';
import { BREAKER, breakerOf, REASON, reasonOf, REQUIRED_REASON } from './operation.ts';
import type { Operation } from './operation.ts';

/** Shortest and longest time after which a hold ends by itself, in milliseconds. */
const TTL = { least: 1_000, most: 2_147_483_647 } as const;

const HOLDER: Field = {
  in: 'body',
  type: 'text',
  most: 200,
  description: 'Holder of the override, such as an incident. Default: who sends the request.',
};

function force(kind: HoldKind, summary: string, done: string): Operation {
  return {
    access: 'change',
    summary,
    fields: {
      breaker: BREAKER,
      holder: HOLDER,
      reason: REQUIRED_REASON,
      ttl: {
        in: 'body',
        type: 'integer',
        ...TTL,
        description: 'Milliseconds after which the hold ends by itself. Default: never.',
      },
    },
    result: 'Breaker',
    statuses: [404, 409],
    run(services, input, { who }) {
      const [name, its] = [input['breaker'] as string, breakerOf(services, input)];
      const holder = (input['holder'] as string | undefined) ?? who;
      const ttl = input['ttl'] as number | undefined;
      services.holds.set(its, kind, holder, input['reason'] as string, ttl);
      return {
        body: viewOf(services, name, its, true),
        change: {
          breaker: name,
          summary: `${done} ${name}${ttl === undefined ? '' : ` for ${ttl} ms`}`,
          reason: reasonOf(input),
          details: { override: kind, holder, ttl: ttl ?? null },
        },
      };
    },
  };
}

const forceOpen = force(
  'FORCED_OPEN',
  'Force a circuit open: reject every call, until every holder has released it.',
  'forced open the breaker',
);

const forceClosed = force(
  'FORCED_CLOSED',
  'Force a circuit closed: admit every call, and never open. Replaces any other override.',
  'forced closed the breaker',
);

const shadow = force(
  'SHADOW',
  'Start shadow mode: admit every call, and record the transitions that would have happened. Replaces any other override.',
  'started shadow mode of the breaker',
);

const release: Operation = {
  access: 'change',
  summary: 'Release the override of one holder, or every override if no holder is given.',
  fields: {
    breaker: BREAKER,
    holder: { ...HOLDER, description: 'Holder whose override is released. Default: every override.' },
    reason: REASON,
  },
  result: 'Breaker',
  statuses: [404, 409],
  run(services, input) {
    const [name, its] = [input['breaker'] as string, breakerOf(services, input)];
    const holder = input['holder'] as string | undefined;
    if (holder === undefined) {
      its.releaseOverride();
      services.holds.forgetAll(its);
    } else if (!services.holds.release(its, holder))
      throw new RequestProblem('conflict', 'This holder has no override of the breaker');
    const whose = holder === undefined ? 'every override' : 'an override';
    return {
      body: viewOf(services, name, its, true),
      change: {
        breaker: name,
        summary: `released ${whose} of the breaker ${name}`,
        reason: reasonOf(input),
        details: { holder: holder ?? null, override: its.override },
      },
    };
  },
};

/** Operations on the overrides of a breaker. */
export const overrideOperations = { forceOpen, forceClosed, shadow, release } as const;
