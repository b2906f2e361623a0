import type { UpdateOptions } from 'fusewire';
import { redactText } from '../../redaction.ts';
import { viewOf } from './breakers.ts';
import { BREAKER, breakerOf, REASON, reasonOf, REQUIRED_REASON } from './operation.ts';
import type { Operation } from './operation.ts';

const COUNT = { type: 'integer', minimum: 1, maximum: 1_000_000 };
const RATE = { type: 'number', exclusiveMinimum: 0, maximum: 1 };
const SHARE = { type: 'number', minimum: 0, maximum: 1 };
const TIME = { type: 'number', minimum: 1, maximum: 31_536_000_000 };
const OFF = { const: false };

const OPEN_TIME = object({
  initial: TIME,
  factor: { type: 'number', minimum: 1, maximum: 100 },
  max: TIME,
  jitter: SHARE,
});
const HALF_OPEN = object(
  { calls: { ...COUNT, maximum: 10_000 }, failureRateThreshold: RATE },
  'calls',
  'failureRateThreshold',
);
const RECOVERY = object({ ramp: TIME, initialShare: RATE }, 'ramp');

function object(properties: Readonly<Record<string, object>>, ...required: string[]): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Schemas of the options that `breaker.update()` takes. */
const UPDATE_OPTIONS: Readonly<Record<keyof UpdateOptions, object>> = {
  failureThreshold: { anyOf: [COUNT, OFF] },
  consecutiveFailureThreshold: { anyOf: [COUNT, OFF] },
  failureRateThreshold: { anyOf: [RATE, OFF] },
  slowCallRateThreshold: RATE,
  minimumCalls: COUNT,
  resetTimeout: { anyOf: [TIME, OPEN_TIME] },
  retryDelay: TIME,
  successThreshold: COUNT,
  halfOpen: { anyOf: [HALF_OPEN, OFF] },
  recovery: { anyOf: [RECOVERY, OFF] },
  timeout: { anyOf: [{ type: 'number', minimum: 1, maximum: 2_147_483_647 }, OFF] },
  enabled: { type: 'boolean' },
};

const updateOptions: Operation = {
  access: 'change',
  summary: 'Let a breaker try new options in shadow, or change them now.',
  fields: {
    breaker: BREAKER,
    options: {
      in: 'body',
      type: 'object',
      properties: UPDATE_OPTIONS,
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
    else services.trials.start(its, options, who, redactText(reason));
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
