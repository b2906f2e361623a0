/** Dashboard of New Relic. */
export interface Dashboard {
  name: string;
  pages: { name: string; widgets: { title: string; query: string }[] }[];
}

/** Returns a dashboard of the metrics of a `CircuitBreakerMonitor`. Each call returns a new object. */
export function circuitBreakerDashboard(): Dashboard {
  return {
    name: 'Circuit Breaker Health',
    pages: [
      {
        name: 'Overview',
        widgets: [
          {
            title: 'Circuit Breaker States',
            query: 'FROM CircuitBreakerMetric SELECT latest(state) FACET breakerName',
          },
          {
            title: 'Failure Rates',
            query: 'FROM CircuitBreakerMetric SELECT average(failureRate) FACET breakerName TIMESERIES',
          },
          {
            title: 'Response Times',
            query: 'FROM CircuitBreakerMetric SELECT average(averageResponseTime) FACET breakerName TIMESERIES',
          },
        ],
      },
    ],
  };
}

/** Dashboard in the form that the mutation `dashboardCreate` of NerdGraph takes. */
export interface DashboardInput {
  name: string;
  permissions: 'PUBLIC_READ_ONLY';
  pages: { name: string; widgets: DashboardWidgetInput[] }[];
}

/** Widget of a {@link DashboardInput}. */
export interface DashboardWidgetInput {
  title: string;
  layout: { column: number; row: number; width: number; height: number };
  visualization: { id: 'viz.line' | 'viz.table' };
  rawConfiguration: { nrqlQueries: { accountIds: number[]; query: string }[] };
}

/** Widgets of one row: New Relic has 12 columns. */
const WIDGETS_PER_ROW = 3;

/**
 * Returns a dashboard in the form that `dashboardCreate` of NerdGraph takes. A query with `TIMESERIES` is a line chart, and any
 * other one a table.
 *
 * @param accountId number of the account that the queries read.
 * @param dashboard default: {@link circuitBreakerDashboard}.
 * @throws {RangeError} if `accountId` is not a whole number above 0.
 */
export function dashboardInput(accountId: number, dashboard: Dashboard = circuitBreakerDashboard()): DashboardInput {
  if (!Number.isSafeInteger(accountId) || accountId < 1) {
    throw new RangeError('accountId must be the number of an account');
  }
  const pages = dashboard.pages.map(({ name, widgets }) => ({
    name,
    widgets: widgets.map(({ title, query }, index) => ({
      title,
      layout: {
        column: 1 + (index % WIDGETS_PER_ROW) * 4,
        row: 1 + Math.floor(index / WIDGETS_PER_ROW) * 3,
        width: 4,
        height: 3,
      },
      visualization: { id: /\bTIMESERIES\b/i.test(query) ? ('viz.line' as const) : ('viz.table' as const) },
      rawConfiguration: { nrqlQueries: [{ accountIds: [accountId], query }] },
    })),
  }));
  return { name: dashboard.name, permissions: 'PUBLIC_READ_ONLY', pages };
}
