import { viewOf } from './breakers.ts';
import { BREAKER, breakerOf, REASON, reasonOf, REQUIRED_REASON } from './operation.ts';
import type { Operation } from './operation.ts';

const updateOptions: Operation = {
  access: 'change',
  summary: 'Let a breaker try new options in shadow, or change them now.',
  fields: {
    breaker: BREAKER,
    options: {
      in: 'body',
      type: 'object',
      required: true,
      description: 'Options to change, as `breaker.update()` takes them. Others stay, and `false` turns a rule off.',
    },
    now: {
      in: 'body',
      type: 'boolean',
      description: 'Whether the options change at once, without a trial in shadow. Default false.',
    },
    reason: REQUIRED_REASON,
  },
  result: 'Breaker',
  statuses: [404],
  run(services, input, { who }) {
    const [name, its] = [input['breaker'] as string, breakerOf(services, input)];
    const [options, reason] = [input['options'] as Record<string, unknown>, input['reason'] as string];
    const now = input['now'] === true;
    if (now) services.trials.apply(its, options);
    else services.trials.start(its, options, who, reason);
    return {
      body: viewOf(services, name, its, true),
      change: {
        breaker: name,
        summary: now ? `changed options of the breaker ${name}` : `let the breaker ${name} try options in shadow`,
        reason,
        details: { options, now },
      },
    };
  },
};

function end(how: 'apply' | 'cancel', summary: string, done: string): Operation {
  return {
    access: 'change',
    summary,
    fields: { breaker: BREAKER, reason: REASON },
    result: 'Breaker',
    statuses: [404, 409],
    run(services, input) {
      const [name, its] = [input['breaker'] as string, breakerOf(services, input)];
      const options = services.trials.end(its, how);
      return {
        body: viewOf(services, name, its, true),
        change: { breaker: name, summary: `${done} ${name}`, reason: reasonOf(input), details: { options } },
      };
    },
  };
}

const applyOptions = end(
  'apply',
  'End the trial of new options, and apply them.',
  'applied the options that were tried in shadow to the breaker',
);

const cancelOptions = end(
  'cancel',
  'End the trial of new options, and drop them.',
  'dropped the options that were tried in shadow by the breaker',
);

/** Operations on the options of a breaker. */
export const optionOperations = { updateOptions, applyOptions, cancelOptions } as const;
