import type { BreakerStats, CircuitBreaker, CircuitState, Override } from 'fusewire';
import { redactText } from '../../redaction.ts';
import { usableBreakers } from '../../sources.ts';
import type { HoldView } from '../holds.ts';
import type { TrialView } from '../trials.ts';
import { BREAKER, breakerOf, REASON, reasonOf } from './operation.ts';
import type { Operation, Services } from './operation.ts';

/** Breaker as a list shows it. */
export interface BreakerView {
  readonly name: string;
  /** State that callers experience. */
  readonly state: CircuitState;
  readonly override: Override;
  readonly enabled: boolean;
  /** Whole milliseconds until a call may be admitted; null if that is now, or an operator holds the circuit open. */
  readonly retryAfter: number | null;
  /** Overrides that were set through the management API. */
  readonly holds: readonly HoldView[];
  /** Options that the breaker tries in shadow, or null. */
  readonly trial: TrialView | null;
  /** With `detailed`. */
  readonly stats?: BreakerStats;
}

/** Breakers, as `list` returns them. */
export interface BreakerList {
  readonly breakers: readonly BreakerView[];
  /** Number of breakers in each state, those of other pages included. */
  readonly summary: {
    readonly total: number;
    readonly closed: number;
    readonly open: number;
    readonly halfOpen: number;
  };
  /** Name after which the next page begins; null if this one is the last. */
  readonly next: string | null;
}

/** Most breakers of a page. */
export const MOST_BREAKERS = 10_000;

/** Returns a breaker as a list shows it. */
export function viewOf(services: Services, name: string, breaker: CircuitBreaker, detailed: boolean): BreakerView {
  const { state, override, enabled } = breaker;
  const view = {
    name,
    state,
    override,
    enabled,
    retryAfter: state === 'CLOSED' ? null : breaker.explain().retryAfter,
    holds: services.holds.list(breaker),
    trial: services.trials.view(breaker),
  };
  return detailed ? { ...view, stats: statsOf(breaker) } : view;
}

/** Returns the stats of a breaker, with an error message that has no secrets. */
export function statsOf(breaker: CircuitBreaker): BreakerStats {
  const stats = breaker.getStats();
  const { lastError } = stats;
  if (lastError === null) return stats;
  return { ...stats, lastError: { ...lastError, message: redactText(lastError.message) } };
}

const list: Operation = {
  access: 'read',
  summary: 'List the breakers, in the order of their names.',
  fields: {
    detailed: { in: 'query', type: 'boolean', description: 'Whether each breaker has its stats.' },
    state: {
      in: 'query',
      type: 'word',
      words: ['CLOSED', 'OPEN', 'HALF_OPEN'],
      description: 'Only breakers in this state.',
    },
    search: { in: 'query', type: 'text', most: 200, description: 'Only breakers whose name contains this text.' },
    after: {
      in: 'query',
      type: 'text',
      most: 200,
      description: 'Only breakers after this name: `next` of the page before.',
    },
    limit: {
      in: 'query',
      type: 'integer',
      least: 1,
      most: MOST_BREAKERS,
      description: 'Most breakers of the page. Default 1 000.',
    },
  },
  result: 'BreakerList',
  run(services, { detailed, state, search, after, limit }) {
    const all = usableBreakers(services.source)
      .map(([name, breaker]) => ({ name, breaker, state: breaker.state }))
      .filter(({ name }) => search === undefined || name.includes(search as string))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const count = (wanted: CircuitState) => all.filter((its) => its.state === wanted).length;
    const summary = { total: all.length, closed: count('CLOSED'), open: count('OPEN'), halfOpen: count('HALF_OPEN') };
    const rest = all.filter(
      (its) => (state === undefined || its.state === state) && (after === undefined || its.name > (after as string)),
    );
    const page = rest.slice(0, (limit as number | undefined) ?? 1_000);
    const breakers = page.map(({ name, breaker }) => viewOf(services, name, breaker, detailed === true));
    const next = rest.length > page.length ? (page.at(-1)?.name ?? null) : null;
    return { body: { breakers, summary, next } satisfies BreakerList };
  },
};

const breaker: Operation = {
  access: 'read',
  summary: 'Return one breaker with its stats.',
  fields: { breaker: BREAKER },
  result: 'Breaker',
  statuses: [404],
  run(services, input) {
    return { body: viewOf(services, input['breaker'] as string, breakerOf(services, input), true) };
  },
};

const explain: Operation = {
  access: 'read',
  summary: 'Return the numbers behind the last decision of a breaker and the next one.',
  fields: { breaker: BREAKER },
  result: 'Explanation',
  statuses: [404],
  run(services, input) {
    return { body: breakerOf(services, input).explain() };
  },
};

const reset: Operation = {
  access: 'change',
  summary: 'Close the circuit of a breaker, empty its window, and release every override. Lifetime totals stay.',
  fields: { breaker: BREAKER, reason: REASON },
  result: 'ResetResult',
  statuses: [404],
  run(services, input) {
    const [name, its] = [input['breaker'] as string, breakerOf(services, input)];
    resetOne(services, its);
    return {
      body: { reset: [name] },
      change: { breaker: name, summary: `reset the breaker ${name}`, reason: reasonOf(input) },
    };
  },
};

const resetAll: Operation = {
  access: 'change',
  summary: 'Reset every breaker.',
  fields: { reason: REASON },
  result: 'ResetResult',
  run(services, input) {
    const all = usableBreakers(services.source);
    for (const [, its] of all) resetOne(services, its);
    const names = all.map(([name]) => name).sort();
    return {
      body: { reset: names },
      change: {
        breaker: null,
        summary: `reset all ${names.length} breakers`,
        reason: reasonOf(input),
        details: { breakers: names.slice(0, 100) },
      },
    };
  },
};

const open: Operation = {
  access: 'change',
  summary: 'Open the circuit of a breaker now. It recovers by itself, like after an opening by a rule.',
  fields: {
    breaker: BREAKER,
    duration: {
      in: 'body',
      type: 'integer',
      least: 1,
      most: 31_536_000_000,
      description: 'Milliseconds until the first probe. Default: the open time of the breaker.',
    },
    reason: REASON,
  },
  result: 'Breaker',
  statuses: [404],
  run(services, input) {
    const [name, its] = [input['breaker'] as string, breakerOf(services, input)];
    its.open(input['duration'] as number | undefined);
    return {
      body: viewOf(services, name, its, true),
      change: {
        breaker: name,
        summary: `opened the breaker ${name}`,
        reason: reasonOf(input),
        details: { duration: input['duration'] ?? null },
      },
    };
  },
};

function resetOne(services: Services, its: CircuitBreaker): void {
  its.reset();
  services.holds.forgetAll(its);
}

/** Operations on breakers. */
export const breakerOperations = { list, breaker, explain, reset, resetAll, open } as const;
