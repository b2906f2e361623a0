import { redactText } from '../../redaction.ts';
import type { Field } from '../fields.ts';
import { RequestProblem } from '../problem.ts';
import type { ManagedAlerts } from '../program-parts.ts';
import { REQUIRED_REASON } from './operation.ts';
import type { Operation, Services } from './operation.ts';

const ID: Field = {
  in: 'path',
  type: 'text',
  most: 200,
  required: true,
  description: 'Id of the alert or the silence.',
};

const alerts: Operation = {
  access: 'read',
  summary: 'List the alerts that are pending or firing, those that have ended last, and the silences.',
  needs: 'alerts',
  fields: {
    limit: {
      in: 'query',
      type: 'integer',
      least: 1,
      most: 1_000,
      description: 'Most alerts that have ended. Default 100.',
    },
  },
  result: 'AlertList',
  run(services, { limit }) {
    const its = alertsOf(services);
    const history = its.history({ limit: (limit as number | undefined) ?? 100 });
    return { body: { active: its.active(), history, silences: its.silences() } };
  },
};

const acknowledgeAlert: Operation = {
  access: 'change',
  summary: 'Acknowledge a firing alert, and notify that somebody works on it.',
  needs: 'alerts',
  fields: { id: ID, reason: REQUIRED_REASON },
  result: 'AlertResult',
  statuses: [404],
  run(services, input, { who }) {
    const { id, reason } = input as { id: string; reason: string };
    if (!alertsOf(services).acknowledge(id, who, redactText(reason)))
      throw new RequestProblem('not-found', 'No alert with this id fires');
    return {
      body: { id },
      change: { breaker: null, summary: `acknowledged the alert ${id}`, reason, details: { id } },
    };
  },
};

const silenceAlerts: Operation = {
  access: 'change',
  summary: 'Mute alerts for some time: those of a breaker, of a rule, of both, or all.',
  needs: 'alerts',
  fields: {
    breaker: { in: 'body', type: 'text', most: 200, description: 'Only alerts of this breaker.' },
    rule: { in: 'body', type: 'text', most: 200, description: 'Only alerts of this rule.' },
    duration: {
      in: 'body',
      type: 'integer',
      least: 1_000,
      most: 2_592_000_000,
      required: true,
      description: 'Milliseconds from now.',
    },
    reason: REQUIRED_REASON,
  },
  result: 'AlertResult',
  run(services, input, { who }) {
    const { breaker, rule, duration, reason } = input as {
      breaker?: string;
      rule?: string;
      duration: number;
      reason: string;
    };
    const { id } = alertsOf(services).silence({ breaker, rule, by: who, why: redactText(reason), for: duration });
    return {
      body: { id },
      change: {
        breaker: breaker ?? null,
        summary: `silenced alerts for ${duration} ms`,
        reason,
        details: { id, breaker: breaker ?? null, rule: rule ?? null, duration },
      },
    };
  },
};

const endSilence: Operation = {
  access: 'change',
  summary: 'End a silence before its time.',
  needs: 'alerts',
  fields: { id: ID, reason: REQUIRED_REASON },
  result: 'AlertResult',
  statuses: [404],
  run(services, input, { who }) {
    const { id, reason } = input as { id: string; reason: string };
    if (!alertsOf(services).endSilence(id, who, reason))
      throw new RequestProblem('not-found', 'There is no silence with this id');
    return { body: { id }, change: { breaker: null, summary: `ended the silence ${id}`, reason, details: { id } } };
  },
};

function alertsOf({ alerts: its }: Services): ManagedAlerts {
  return its as ManagedAlerts;
}

/** Operations on alerts. */
export const alertOperations = { alerts, acknowledgeAlert, silenceAlerts, endSilence } as const;
