// Generated from crates/breaker-bridge and crates/policies-bridge by `cargo run --package xtask -- codes`. Do not edit.

/** Codes of the states of a circuit. */
export const STATE = {
  CLOSED: 0,
  OPEN: 1,
  HALF_OPEN: 2,
} as const;

/** Codes of the overrides that an operator can set. */
export const OVERRIDE = {
  NONE: 0,
  FORCED_OPEN: 1,
  FORCED_CLOSED: 2,
  SHADOW: 3,
} as const;

/** Codes of the outcomes of a call. */
export const OUTCOME = {
  SUCCESS: 0,
  FAILURE: 1,
  IGNORED: 2,
  TIMEOUT: 3,
  WITHDRAWN: 4,
  ABORTED: 5,
  DEADLINE: 6,
} as const;

/** Codes of the reasons of a rejection. */
export const REJECTED = {
  OPEN: -1,
  HALF_OPEN_FULL: -2,
  FORCED_OPEN: -3,
  RECOVERING: -4,
  IN_FLIGHT_LIMIT: -5,
} as const;

/** Codes of the reasons of a transition. */
export const REASON = {
  NONE: 0,
  FAILURE_THRESHOLD: 1,
  CONSECUTIVE_FAILURES: 2,
  FAILURE_RATE: 3,
  SLOW_CALL_RATE: 4,
  OPEN_FOR: 5,
  PROBE_FAILED: 6,
  PROBE_EXPIRED: 7,
  PROBE_FAILURE_RATE: 8,
  OPEN_TIME_ELAPSED: 9,
  PROBES_SUCCEEDED: 10,
  RESET: 11,
  OVERRIDE: 12,
  RESTORED: 13,
  PREDICTED: 14,
  MANUAL: 15,
  UPDATED: 16,
} as const;

/** Layout of the state word: `generation << 5 | gated << 4 | override << 2 | state`. */
export const WORD = {
  STATE_MASK: 3,
  OVERRIDE_SHIFT: 2,
  OVERRIDE_MASK: 3,
  GATED: 16,
  ASK_MASK: 31,
  GENERATION_SHIFT: 5,
  GENERATION_UNIT: 65536,
} as const;

/** State word of an unknown handle. */
export const NO_BREAKER = -1;

/** Index of each number in the array that `stats` fills. */
export const STATS = {
  state: 0,
  override: 1,
  underlyingState: 2,
  failureCount: 3,
  successCount: 4,
  slowCallCount: 5,
  consecutiveFailures: 6,
  lastFailureAge: 7,
  lastSuccessAge: 8,
  retryAfter: 9,
  totalSuccesses: 10,
  totalFailures: 11,
  totalTimeouts: 12,
  totalRejected: 13,
  totalIgnored: 14,
  shadowRejected: 15,
  averageResponseTime: 16,
  p50: 17,
  p90: 18,
  p95: 19,
  p99: 20,
  max: 21,
  failureRate: 22,
  slowCallRate: 23,
  uptime: 24,
  stateChanges: 25,
  probesInFlight: 26,
  overdueCalls: 27,
  capped: 28,
  age: 29,
} as const;

/** Number of names in `STATS`. */
export const STATS_LENGTH = 30;

/** Index of each number in the array that `explain` fills. */
export const EXPLAIN = {
  generation: 0,
  reason: 1,
  from: 2,
  to: 3,
  age: 4,
  observed: 5,
  threshold: 6,
  calls: 7,
  failures: 8,
  slowCalls: 9,
  consecutiveFailures: 10,
  failureThreshold: 11,
  consecutiveFailureThreshold: 12,
  failureRateThreshold: 13,
  slowCallRateThreshold: 14,
  minimumCalls: 15,
  probesInFlight: 16,
  probeSuccesses: 17,
  probeFailures: 18,
  probesRequired: 19,
  openTime: 20,
  openAttempts: 21,
  inFlightLimit: 22,
  capped: 23,
  unansweredCalls: 24,
  overdueCalls: 25,
  badSigns: 26,
  rampShare: 27,
  retryAfter: 28,
} as const;

/** Number of names in `EXPLAIN`. */
export const EXPLAIN_LENGTH = 29;

/** Index of each number in the array that `rules` fills. */
export const RULES = {
  failureThreshold: 0,
  failureRateThreshold: 1,
  slowCallRateThreshold: 2,
  slowCallDuration: 3,
  minimumCalls: 4,
  windowDuration: 5,
  windowBuckets: 6,
  windowSize: 7,
  timeout: 8,
} as const;

/** Number of names in `RULES`. */
export const RULES_LENGTH = 9;

/** Codes of the kinds of policies. */
export const POLICY = {
  DELAYS: 0,
  BUDGET: 1,
  HEDGE: 2,
  BULKHEAD: 3,
  RATE: 4,
  LIMIT: 5,
  SHED_LOAD: 6,
  SCHEDULE: 7,
  FORECAST: 8,
} as const;

/** Codes of the signs that a circuit would open. */
export const SIGN = {
  NONE: 0,
  FAILURES: 1,
  FAILURE_RATE: 2,
  SLOW_CALL_RATE: 3,
  RESPONSE_TIME: 4,
} as const;

/** Index of each number in the array that `policyStats` fills. */
export const BUDGET_STATS = {
  calls: 0,
  added: 1,
  balance: 2,
  granted: 3,
  refused: 4,
} as const;

/** Number of names in `BUDGET_STATS`. */
export const BUDGET_STATS_LENGTH = 5;

/** Index of each number in the array that `policyStats` fills. */
export const HEDGE_STATS = {
  samples: 0,
  delay: 1,
  maxHedges: 2,
} as const;

/** Number of names in `HEDGE_STATS`. */
export const HEDGE_STATS_LENGTH = 3;

/** Index of each number in the array that `policyStats` fills. */
export const BULKHEAD_STATS = {
  limit: 0,
  running: 1,
  waiting: 2,
  totalEntered: 3,
  totalQueued: 4,
  totalRejected: 5,
  totalStarted: 6,
  totalCancelled: 7,
  totalDisplaced: 8,
} as const;

/** Number of names in `BULKHEAD_STATS`. */
export const BULKHEAD_STATS_LENGTH = 9;

/** Index of each number in the array that `policyStats` fills. */
export const RATE_STATS = {
  available: 0,
  taken: 1,
  refused: 2,
} as const;

/** Number of names in `RATE_STATS`. */
export const RATE_STATS_LENGTH = 3;

/** Index of each number in the array that `policyStats` fills. */
export const LIMIT_STATS = {
  limit: 0,
  baseline: 1,
  isProbing: 2,
} as const;

/** Number of names in `LIMIT_STATS`. */
export const LIMIT_STATS_LENGTH = 3;

/** Index of each number in the array that `policyStats` fills. */
export const SHED_LOAD_STATS = {
  requests: 0,
  accepts: 1,
  rejection: 2,
  admitted: 3,
  rejected: 4,
} as const;

/** Number of names in `SHED_LOAD_STATS`. */
export const SHED_LOAD_STATS_LENGTH = 5;

/** Index of each number in the array that `policyStats` fills. */
export const FORECAST_STATS = {
  sign: 0,
  expectedIn: 1,
  observed: 2,
  threshold: 3,
  isStanding: 4,
  failureRate: 5,
  slowCallRate: 6,
  responseTime: 7,
  baseline: 8,
  predicted: 9,
  cameTrue: 10,
  wereFalse: 11,
  missed: 12,
  gained: 13,
} as const;

/** Number of names in `FORECAST_STATS`. */
export const FORECAST_STATS_LENGTH = 14;
