// Public names of the numeric codes that the engine returns.

import { OVERRIDE, REASON, REJECTED, STATE } from './codes.ts';

/** State of a circuit, as callers experience it. */
export type CircuitState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** Override that an operator has set. */
export type Override = 'NONE' | 'FORCED_OPEN' | 'FORCED_CLOSED' | 'SHADOW';

/** Reason why a call was not admitted. */
export type RejectionReason = 'open' | 'half-open' | 'forced-open' | 'recovering' | 'in-flight-limit';

/** Reason of a transition; `none` before the first one. */
export type TransitionReason = (typeof REASON_NAMES)[keyof typeof REASON];

const REASON_NAMES = {
  NONE: 'none',
  FAILURE_THRESHOLD: 'failure-threshold',
  CONSECUTIVE_FAILURES: 'consecutive-failures',
  FAILURE_RATE: 'failure-rate',
  SLOW_CALL_RATE: 'slow-call-rate',
  OPEN_FOR: 'open-for',
  PROBE_FAILED: 'probe-failed',
  PROBE_EXPIRED: 'probe-expired',
  PROBE_FAILURE_RATE: 'probe-failure-rate',
  OPEN_TIME_ELAPSED: 'open-time-elapsed',
  PROBES_SUCCEEDED: 'probes-succeeded',
  RESET: 'reset',
  OVERRIDE: 'override',
  RESTORED: 'restored',
  PREDICTED: 'predicted',
  MANUAL: 'manual',
  UPDATED: 'updated',
} as const satisfies Record<keyof typeof REASON, string>;

const REJECTION_NAMES = {
  OPEN: 'open',
  HALF_OPEN_FULL: 'half-open',
  FORCED_OPEN: 'forced-open',
  RECOVERING: 'recovering',
  IN_FLIGHT_LIMIT: 'in-flight-limit',
} as const satisfies Record<keyof typeof REJECTED, RejectionReason>;

const STATES = byCode(STATE, (name) => name);
const OVERRIDES = byCode(OVERRIDE, (name) => name);
const REASONS = byCode(REASON, (name) => REASON_NAMES[name]);
const REJECTIONS = byCode(REJECTED, (name) => REJECTION_NAMES[name]);

/** Returns the name of a state's code. */
export function stateName(code: number): CircuitState {
  return STATES[code] ?? 'CLOSED';
}

/** Returns the name of an override's code. */
export function overrideName(code: number): Override {
  return OVERRIDES[code] ?? 'NONE';
}

/** Returns the name of a reason's code. */
export function reasonName(code: number): TransitionReason {
  return REASONS[code] ?? 'none';
}

/** Returns the name of a rejection's code, which is negative. */
export function rejectionName(code: number): RejectionReason {
  return REJECTIONS[-code] ?? 'open';
}

/** Returns the state that callers experience at a rejection. */
export function rejectingState(code: number): CircuitState {
  switch (code) {
    case REJECTED.HALF_OPEN_FULL:
      return 'HALF_OPEN';
    case REJECTED.RECOVERING:
    case REJECTED.IN_FLIGHT_LIMIT:
      return 'CLOSED';
    default:
      return 'OPEN';
  }
}

function byCode<Key extends string, Name>(
  codes: Readonly<Record<Key, number>>,
  nameOf: (key: Key) => Name,
): readonly (Name | undefined)[] {
  const names: (Name | undefined)[] = [];
  for (const key of Object.keys(codes) as Key[]) names[Math.abs(codes[key])] = nameOf(key);
  return names;
}
