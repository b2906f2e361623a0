import type { OperationsEvent } from '../events/event.ts';
import type { BreakerView } from '../management/operations/breakers.ts';

export type { OperationsEvent };

/** State of a circuit. */
export type State = BreakerView['state'];

/** Counters of a breaker, as JSON has them. */
export interface Stats {
  readonly totalRequests: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly totalTimeouts: number;
  readonly totalRejected: number;
  readonly failureCount: number;
  readonly successCount: number;
  readonly inFlight: number;
  readonly stateChanges: number;
  readonly uptime: number;
  readonly lastError: { readonly name: string; readonly message: string } | null;
  readonly responseTimes: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99' | 'max', number | null>>;
}

/** Hold of an operator, as JSON has it. */
export interface Hold {
  readonly kind: 'FORCED_OPEN' | 'FORCED_CLOSED' | 'SHADOW';
  readonly holder: string;
  readonly reason: string;
  readonly since: string;
  readonly until: string | null;
}

/** Breaker, as the management API returns it. */
export interface Breaker extends Omit<BreakerView, 'stats' | 'holds' | 'trial'> {
  readonly holds: readonly Hold[];
  readonly stats: Stats;
}

/** Instance of a program that the dashboard shows. */
export interface Source {
  /** Name of the instance; empty if there is only one. */
  readonly name: string;
  /** Address of its management API, with a slash at its end. */
  readonly base: string;
}

/** State of the connection to a source. */
export type Connection = 'connecting' | 'live' | 'polling' | 'lost';

/** Problem document of the management API. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}
