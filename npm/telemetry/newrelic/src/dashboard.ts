/** Dashboard in the form that `dashboardCreate` of NerdGraph takes. */
export interface NewRelicDashboard {
  readonly name: string;
  readonly permissions: 'PUBLIC_READ_ONLY';
  readonly pages: readonly { readonly name: string; readonly widgets: readonly NewRelicWidget[] }[];
}

/** Widget of a {@link NewRelicDashboard}. */
export interface NewRelicWidget {
  readonly title: string;
  readonly layout: { readonly column: number; readonly row: number; readonly width: number; readonly height: number };
  readonly visualization: { readonly id: string };
  readonly rawConfiguration: {
    readonly nrqlQueries: readonly { readonly accountIds: number[]; readonly query: string }[];
  };
}

const WIDGETS = [
  ['States', 'viz.table', 'FROM CircuitBreakerMetric SELECT latest(state), latest(uptime) FACET breakerName LIMIT MAX'],
  ['Open circuits', 'viz.billboard', "FROM CircuitBreakerMetric SELECT uniqueCount(breakerName) WHERE state = 'OPEN'"],
  ['Failure rate', 'viz.line', 'FROM CircuitBreakerMetric SELECT average(failureRate) FACET breakerName TIMESERIES'],
  [
    'Response time',
    'viz.line',
    'FROM CircuitBreakerMetric SELECT average(averageResponseTime) FACET breakerName TIMESERIES',
  ],
  ['95th percentile', 'viz.line', 'FROM CircuitBreakerMetric SELECT max(p95) FACET breakerName TIMESERIES'],
  [
    'Rejected calls',
    'viz.line',
    'FROM CircuitBreakerMetric SELECT derivative(totalRejected, 1 minute) FACET breakerName TIMESERIES',
  ],
  [
    'Transitions',
    'viz.table',
    'FROM CircuitBreakerStateChange SELECT timestamp, breakerName, from, to, reason, observed, threshold LIMIT 100',
  ],
  ['Openings', 'viz.bar', "FROM CircuitBreakerStateChange SELECT count(*) WHERE to = 'OPEN' FACET breakerName"],
] as const;

/**
 * Returns a dashboard of the events that {@link newRelic} sends, for the account of that number.
 *
 * @throws {RangeError} if `accountId` is not a whole number above 0.
 */
export function newRelicDashboard(accountId: number): NewRelicDashboard {
  if (!Number.isSafeInteger(accountId) || accountId < 1)
    throw new RangeError('accountId must be the number of an account');
  const widgets = WIDGETS.map(([title, id, query], index) => ({
    title,
    layout: { column: 1 + (index % 3) * 4, row: 1 + Math.floor(index / 3) * 3, width: 4, height: 3 },
    visualization: { id },
    rawConfiguration: { nrqlQueries: [{ accountIds: [accountId], query }] },
  }));
  return { name: 'Circuit breakers', permissions: 'PUBLIC_READ_ONLY', pages: [{ name: 'Overview', widgets }] };
}
