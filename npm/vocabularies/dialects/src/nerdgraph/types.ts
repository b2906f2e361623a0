/** States of a circuit. */
export const CircuitState = { CLOSED: 'CLOSED', OPEN: 'OPEN', HALF_OPEN: 'HALF_OPEN' } as const;

/** State of a circuit. */
export type CircuitState = (typeof CircuitState)[keyof typeof CircuitState];

/** Each state as a type, as the members of an enum are types: `CircuitState.OPEN`. */
// eslint-disable-next-line @typescript-eslint/no-namespace -- it holds types only, and nothing else can stand behind a dot.
export declare namespace CircuitState {
  type CLOSED = 'CLOSED';
  type OPEN = 'OPEN';
  type HALF_OPEN = 'HALF_OPEN';
}

/** Configuration of a breaker. Every option is required; times are milliseconds. */
export interface CircuitBreakerConfig {
  /** Name of the breaker in messages and metrics: 1 to 200 characters. */
  name: string;
  /** Consecutive failures that open the circuit: 1 to 1 000 000. */
  failureThreshold: number;
  /** Successes that close a half-open circuit: 1 to 1 000 000. */
  successThreshold: number;
  /** Longest duration of a call: 1 to 2 147 483 647, or 0 for no limit. */
  timeout: number;
  /** Time that the circuit stays open: 1 to 31 536 000 000. */
  retryDelay: number;
  /** Window of the rates of `engine.getStats()`: 1 to 31 536 000 000. It has no effect on the circuit. */
  monitoringWindow: number;
}

/** Options of a call. */
export interface ExecuteOptions {
  /** Signal that aborts the call. */
  readonly signal?: AbortSignal | undefined;
}

/** Counts of a breaker since its creation. */
export interface CircuitBreakerStats {
  /** All calls, including rejected and running ones. */
  totalCalls: number;
  /** Failed calls, including timeouts. */
  totalFailures: number;
  totalSuccesses: number;
  totalTimeouts: number;
  /** Mean duration of the calls that succeeded or failed, in milliseconds; 0 before the first. */
  averageResponseTime: number;
  state: CircuitState;
  /** Message of the last failure; missing before the first. */
  lastError?: string;
}

/** Events of a breaker with their arguments. `state` is the state after the call; times are milliseconds. */
export interface CircuitBreakerEvents {
  /** The circuit opened after `failureCount` failures. */
  circuitOpened: [{ failureCount: number }];
  /** The circuit closed after `successCount` successful probes. */
  circuitClosed: [{ successCount: number }];
  /** The circuit rejected a call. */
  callRejected: [{ error: Error; state: CircuitState }];
  /** A call succeeded. */
  success: [{ responseTime: number; state: CircuitState }];
  /** A call failed with `error`. */
  failure: [{ error: Error; responseTime: number; state: CircuitState }];
  /** The breaker was reset. */
  reset: [];
}

/** Logger of a breaker: successes go to `debug`, failures and openings to `warn`, closings to `info`. */
export interface Logger {
  debug(message: string): unknown;
  info(message: string): unknown;
  warn(message: string): unknown;
}
