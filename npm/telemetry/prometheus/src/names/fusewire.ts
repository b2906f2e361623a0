import type { Override } from 'fusewire';
import type { Family, FamilyHead, Labels } from '../families.ts';
import type { PolicyAction, PolicyCount } from '../policy-tally.ts';
import { familiesOf, sample } from './names.ts';
import type { BreakerMetric, Names, Readings } from './names.ts';

const STATES = { CLOSED: 'closed', OPEN: 'open', HALF_OPEN: 'half_open' } as const;
const OVERRIDES: Readonly<Record<Exclude<Override, 'NONE'>, string>> = {
  FORCED_OPEN: 'forced_open',
  FORCED_CLOSED: 'forced_closed',
  SHADOW: 'shadow',
};
const REJECTIONS = {
  open: 'rejected_open',
  'forced-open': 'rejected_forced_open',
  'half-open': 'rejected_half_open',
  recovering: 'rejected_recovering',
  'in-flight-limit': 'rejected_in_flight',
} as const;

/** Metrics of breakers. Each has the label `breaker`. */
const BREAKER_METRICS: readonly BreakerMetric[] = [
  {
    name: 'fusewire_breaker_state',
    type: 'gauge',
    help: 'Whether callers experience this state: 1 or 0. For several breakers of one label, the number of breakers.',
    write({ stats }, labels, samples) {
      for (const [state, word] of Object.entries(STATES)) {
        const value = stats.reduce((count, each) => count + (each.state === state ? 1 : 0), 0);
        samples.push(sample({ ...labels, state: word }, value));
      }
    },
  },
  {
    name: 'fusewire_breaker_override',
    type: 'gauge',
    help: 'Breakers whose circuit an operator holds. A breaker without an override has no series.',
    write({ stats }, labels, samples) {
      for (const [override, word] of Object.entries(OVERRIDES)) {
        const value = stats.filter((each) => each.override === override).length;
        if (value > 0) samples.push(sample({ ...labels, override: word }, value));
      }
    },
  },
  {
    name: 'fusewire_calls_total',
    type: 'counter',
    help: 'Calls by their outcome. Timeouts are not among the failures. Shadow rejections were admitted, and have an outcome too.',
    write({ tally }, labels, samples) {
      const add = (outcome: string, value: number) => samples.push(sample({ ...labels, outcome }, value));
      add('success', tally.successes);
      add('failure', tally.failures);
      if (tally.timeouts > 0) add('timeout', tally.timeouts);
      if (tally.ignored > 0) add('ignored', tally.ignored);
      for (const [reason, count] of tally.rejections) add(REJECTIONS[reason], count);
      if (tally.shadowRejected > 0) add('shadow_rejected', tally.shadowRejected);
    },
  },
  {
    name: 'fusewire_call_duration_seconds',
    type: 'histogram',
    help: 'Durations of the calls that succeeded, failed or timed out.',
    write({ tally: { durations } }, labels, samples) {
      durations?.success.plus(durations.failure).write(labels, samples);
    },
  },
  {
    name: 'fusewire_calls_in_flight',
    type: 'gauge',
    help: 'Calls that have begun and not ended.',
    write({ stats }, labels, samples) {
      samples.push(
        sample(
          labels,
          stats.reduce((sum, each) => sum + each.inFlight, 0),
        ),
      );
    },
  },
  {
    name: 'fusewire_transitions_total',
    type: 'counter',
    help: 'Transitions by the states and the reason.',
    write({ tally }, labels, samples) {
      for (const { from, to, reason, count } of tally.transitions.values())
        samples.push(sample({ ...labels, from: STATES[from], to: STATES[to], reason }, count));
    },
  },
  {
    name: 'fusewire_open_seconds_total',
    type: 'counter',
    help: 'Time for which callers experienced an open circuit. A breaker whose circuit never opened has no series.',
    write({ tally }, labels, samples) {
      if (tally.openTime > 0) samples.push(sample(labels, tally.openTime / 1_000));
    },
  },
];

/** Metrics of policies in pipelines. Each has the labels `pipeline` and `policy`. */
const POLICY_METRICS: readonly (FamilyHead & { readonly action: PolicyAction })[] = [
  { action: 'retry', name: 'fusewire_retry_attempts_total', help: 'Attempts after the first one.' },
  { action: 'hedge', name: 'fusewire_hedges_total', help: 'Copies of slow calls.' },
  { action: 'timeout', name: 'fusewire_policy_timeouts_total', help: 'Calls that a timeout policy ended.' },
  { action: 'enqueue', name: 'fusewire_policy_enqueued_total', help: 'Calls that waited in the queue of a policy.' },
  { action: 'reject', name: 'fusewire_policy_rejections_total', help: 'Calls that a policy did not run.' },
  { action: 'fallback', name: 'fusewire_fallback_answers_total', help: 'Calls that a fallback answered.' },
].map((metric) => ({ ...metric, type: 'counter' }) as FamilyHead & { readonly action: PolicyAction });

/** Names of this package. */
export const fusewireNames: Names = {
  heads: [...BREAKER_METRICS, ...POLICY_METRICS],

  write(readings: Readings): Family[] {
    const ofPolicies = POLICY_METRICS.map((metric) => {
      const counts = readings.policies.filter(({ action }) => action === metric.action);
      return { ...metric, samples: counts.map((each) => sample(policyLabels(each), each.count)) };
    });
    return [...familiesOf(BREAKER_METRICS, 'breaker', readings), ...ofPolicies];
  },
};

function policyLabels({ pipeline, policy, strategy }: PolicyCount): Labels {
  return strategy === '' ? { pipeline, policy } : { pipeline, policy, strategy };
}
