/** The states of a circuit. */
export const CircuitState = { CLOSED: 'CLOSED', OPEN: 'OPEN', HALF_OPEN: 'HALF_OPEN' } as const;

/** The state of a circuit. */
export type CircuitState = (typeof CircuitState)[keyof typeof CircuitState];

/** How a breaker behaves. Every option has to be given; times are milliseconds. */
export interface CircuitBreakerConfig {
  /** Names the breaker in messages and metrics: 1 to 200 characters. */
  name: string;
  /** Failures in a row that open the circuit: 1 to 1 000 000. */
  failureThreshold: number;
  /** Successes that close it again: 1 to 1 000 000. */
  successThreshold: number;
  /** How long a call may take: 1 to 2 147 483 647, or 0 for as long as it likes. */
  timeout: number;
  /** How long the circuit stays open: 1 to 31 536 000 000. */
  retryDelay: number;
  /** How far back the rates of `engine.getStats()` look: 1 to 31 536 000 000. It opens no circuit. */
  monitoringWindow: number;
}

/** What a breaker has seen since it was made. */
export interface CircuitBreakerStats {
  /** Every call, those that were rejected and those under way among them. */
  totalCalls: number;
  /** Calls that failed, timeouts among them. */
  totalFailures: number;
  totalSuccesses: number;
  totalTimeouts: number;
  /** Milliseconds, over the calls that succeeded or failed; 0 before the first. */
  averageResponseTime: number;
  state: CircuitState;
  /** What the last failure said; missing before the first. */
  lastError?: string;
}

/** What each event carries. `state` is the state after the call; times are milliseconds. */
export interface CircuitBreakerEvents {
  /** The circuit opened, after so many failures. */
  circuitOpened: [{ failureCount: number }];
  /** The circuit closed, after so many successes of probes. */
  circuitClosed: [{ successCount: number }];
  /** A call was not admitted. */
  callRejected: [{ error: Error; state: CircuitState }];
  /** A call succeeded. */
  success: [{ responseTime: number; state: CircuitState }];
  /** A call failed. `error` is what it rejected with. */
  failure: [{ error: Error; responseTime: number; state: CircuitState }];
  /** Somebody reset the breaker. */
  reset: [];
}

/** Where a breaker writes: successes to `debug`, failures and openings to `warn`, closings to `info`. */
export interface Logger {
  debug(message: string): unknown;
  info(message: string): unknown;
  warn(message: string): unknown;
}
