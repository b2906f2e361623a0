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
