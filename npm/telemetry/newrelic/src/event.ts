import type { BreakerStats, StateChangeEvent } from 'fusewire';

/** Event of New Relic: a flat object. */
export type NewRelicEvent = Readonly<Record<string, string | number | boolean>> & { readonly eventType: string };

/** Longest text of an attribute: the agent accepts 255 bytes, the Event API 4 096. */
const LONGEST = 255;

/** Returns the event with the counters of a breaker. Shares are percentages, as New Relic's charts show them. */
export function metricEvent(stats: BreakerStats, timestamp: number): NewRelicEvent {
  const { totalSuccesses, totalFailures, totalTimeouts, totalRejected, totalIgnored, responseTimes } = stats;
  const answered = totalSuccesses + totalFailures;
  return withoutGaps({
    eventType: 'CircuitBreakerMetric',
    timestamp,
    breakerName: stats.name,
    state: stats.state,
    totalCalls: stats.totalRequests,
    totalSuccesses,
    totalFailures,
    totalTimeouts,
    totalRejected,
    totalIgnored,
    inFlight: stats.inFlight,
    averageResponseTime: stats.averageResponseTime,
    p50: responseTimes.p50,
    p95: responseTimes.p95,
    p99: responseTimes.p99,
    failureRate: answered === 0 ? 0 : (100 * totalFailures) / answered,
    successRate: answered === 0 ? 0 : (100 * totalSuccesses) / answered,
    uptime: stats.uptime,
    stateChanges: stats.stateChanges,
  });
}

/** Returns the event of a transition. */
export function transitionEvent(change: StateChangeEvent): NewRelicEvent {
  return withoutGaps({
    eventType: 'CircuitBreakerStateChange',
    timestamp: change.at.getTime(),
    breakerName: change.breaker,
    from: change.from,
    to: change.to,
    reason: change.reason,
    shadow: change.shadow,
    observed: change.observed,
    threshold: change.threshold,
  });
}

/** Returns an event without attributes that have no value, and with texts of a length that New Relic accepts. */
function withoutGaps(event: Readonly<Record<string, string | number | boolean | null>>): NewRelicEvent {
  const entries = Object.entries(event).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST) : value]),
  ) as NewRelicEvent;
}
