import type { BreakerStats } from 'fusewire';
import { familiesOf, sample } from './names.ts';
import type { BreakerMetric, Names, Readings } from './names.ts';

const STATES = ['closed', 'open', 'half_open', 'forced_open', 'disabled', 'metrics_only'];
/** Rate of a window without calls. */
const NO_RATE = -1;

/** Metrics of breakers as resilience4j-micrometer 2 names them. Each has the label `name`. */
const BREAKER_METRICS: readonly BreakerMetric[] = [
  {
    name: 'resilience4j_circuitbreaker_state',
    type: 'gauge',
    help: 'The states of the circuit breaker',
    write({ stats }, labels, samples) {
      for (const state of STATES) {
        const value = stats.filter((each) => stateOf(each) === state).length;
        samples.push(sample({ ...labels, state }, value));
      }
    },
  },
  {
    name: 'resilience4j_circuitbreaker_calls_seconds',
    type: 'histogram',
    help: 'Durations of the calls by their kind',
    write({ tally: { durations } }, labels, samples) {
      durations?.success.write({ ...labels, kind: 'successful' }, samples);
      durations?.failure.write({ ...labels, kind: 'failed' }, samples);
      durations?.ignored.write({ ...labels, kind: 'ignored' }, samples);
    },
  },
  {
    name: 'resilience4j_circuitbreaker_not_permitted_calls_total',
    type: 'counter',
    help: 'Calls that the circuit breaker rejected',
    write({ tally }, labels, samples) {
      const rejected = [...tally.rejections.values()].reduce((sum, count) => sum + count, 0);
      samples.push(sample({ ...labels, kind: 'not_permitted' }, rejected));
    },
  },
  {
    name: 'resilience4j_circuitbreaker_buffered_calls',
    type: 'gauge',
    help: 'Calls in the window by their kind',
    write({ stats }, labels, samples) {
      samples.push(sample({ ...labels, kind: 'successful' }, sumOf(stats, 'successCount')));
      samples.push(sample({ ...labels, kind: 'failed' }, sumOf(stats, 'failureCount')));
    },
  },
  {
    name: 'resilience4j_circuitbreaker_slow_calls',
    type: 'gauge',
    help: 'Slow calls in the window',
    write({ stats }, labels, samples) {
      samples.push(sample(labels, sumOf(stats, 'slowCallCount')));
    },
  },
  {
    name: 'resilience4j_circuitbreaker_failure_rate',
    type: 'gauge',
    aggregator: 'average',
    help: 'Percentage of the calls in the window that failed; -1 without calls',
    write({ stats }, labels, samples) {
      samples.push(sample(labels, rateOf(stats, 'failureRate')));
    },
  },
  {
    name: 'resilience4j_circuitbreaker_slow_call_rate',
    type: 'gauge',
    aggregator: 'average',
    help: 'Percentage of the calls in the window that were slow; -1 without calls',
    write({ stats }, labels, samples) {
      samples.push(sample(labels, rateOf(stats, 'slowCallRate')));
    },
  },
];

/** Names of resilience4j, for dashboards and alerts that were made for it. Policies have none. */
export const resilience4jNames: Names = {
  heads: BREAKER_METRICS,

  write: (readings: Readings) => familiesOf(BREAKER_METRICS, 'name', readings),
};

function stateOf({ state, override }: BreakerStats): string {
  switch (override) {
    case 'FORCED_OPEN':
      return 'forced_open';
    case 'FORCED_CLOSED':
      return 'disabled';
    case 'SHADOW':
      return 'metrics_only';
    default:
      return state.toLowerCase();
  }
}

function sumOf(stats: readonly BreakerStats[], field: 'successCount' | 'failureCount' | 'slowCallCount'): number {
  return stats.reduce((sum, each) => sum + each[field], 0);
}

/** Returns the mean rate of the breakers that have calls in their windows, in percent. */
function rateOf(stats: readonly BreakerStats[], field: 'failureRate' | 'slowCallRate'): number {
  const rates = stats.filter(({ successCount, failureCount }) => successCount + failureCount > 0);
  if (rates.length === 0) return NO_RATE;
  return (100 * rates.reduce((sum, each) => sum + each[field], 0)) / rates.length;
}
