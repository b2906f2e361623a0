import type { CircuitBreakerOptions, CountWindow, TimeWindow } from './options.ts';

/** A window with its defaults filled in. */
export type Window =
  { readonly type: 'time'; readonly duration: number } | { readonly type: 'count'; readonly size: number };

const DEFAULT_DURATION = 60_000;
const DEFAULT_SIZE = 100;

/** Returns the window of a breaker with these options. */
export function windowOf(options: CircuitBreakerOptions): Window {
  const { window, monitoringWindow, monitoringPeriod } = options;
  if (window?.type === 'count') return { type: 'count', size: (window satisfies CountWindow).size ?? DEFAULT_SIZE };
  const { duration } = (window ?? {}) as Partial<TimeWindow>;
  return { type: 'time', duration: duration ?? monitoringWindow ?? monitoringPeriod ?? DEFAULT_DURATION };
}
