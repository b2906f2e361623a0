// What happens, and what should come of it. This is the file to edit.

import type { CircuitBreakerOptions } from 'fusewire';

/** What the service does to a request. */
export type Fault =
  | 'none' // answers in about 30 ms
  | 'slow' // answers in 400 ms
  | 'drip' // answers at once, and takes half a second over the body
  | 'error' // answers HTTP 500
  | 'busy' // answers HTTP 503, to be tried again in a second
  | 'reset' // accepts the request and closes the connection
  | 'refuse' // its port is closed
  | 'hang'; // accepts the request and never answers

export interface Phase {
  name: string;
  fault: Fault;
  /** Milliseconds. */
  duration: number;
}

/** The life of the service. */
export const phases: Phase[] = [
  { name: 'healthy', fault: 'none', duration: 2000 },
  { name: 'slow', fault: 'slow', duration: 2500 },
  { name: '500s', fault: 'error', duration: 2500 },
  { name: 'repaired', fault: 'none', duration: 2500 },
  { name: 'refused', fault: 'refuse', duration: 2000 },
  { name: 'hung', fault: 'hang', duration: 2500 },
  { name: 'recovered', fault: 'none', duration: 3000 },
];

/** One part of the service, and how its callers protect themselves. */
export interface Dependency {
  name: string;
  /** Milliseconds between two requests. */
  every: number;
  /** Milliseconds a call may take, with the breaker and without it. */
  timeout: number;
  breaker: CircuitBreakerOptions;
  /** Phases, by name. In each of them the circuit must do this; what it does in the others is not checked. */
  expected: { staysClosed: string[]; opens: string[]; closes: string[] };
}

export const dependencies: Dependency[] = [
  {
    // Impatient: five failures in a row are enough. It looks again soon, and then less and less often.
    name: 'payments',
    every: 50,
    timeout: 300,
    breaker: {
      consecutiveFailureThreshold: 5,
      resetTimeout: { initial: 400, factor: 2, max: 1000 },
      successThreshold: 2,
    },
    expected: { staysClosed: ['healthy'], opens: ['slow', 'refused'], closes: ['repaired', 'recovered'] },
  },
  {
    // Wants quick answers: a slow one counts against the service even when it is right.
    name: 'search',
    every: 40,
    timeout: 1000,
    breaker: {
      failureRateThreshold: 0.5,
      slowCallRateThreshold: 0.5,
      slowCallDuration: 200,
      minimumCalls: 10,
      window: { type: 'count', size: 20 },
      resetTimeout: 700,
      halfOpen: { calls: 4, failureRateThreshold: 0.5 },
      maxConcurrentRequests: 2,
    },
    expected: { staysClosed: ['healthy'], opens: ['slow', 'refused'], closes: ['repaired', 'recovered'] },
  },
  {
    // Patient: puts up with slowness, and comes back gradually.
    name: 'email',
    every: 100,
    timeout: 800,
    breaker: {
      failureThreshold: 6,
      monitoringWindow: 4000,
      resetTimeout: 800,
      successThreshold: 3,
      recovery: { ramp: 600 },
    },
    expected: { staysClosed: ['healthy', 'slow'], opens: ['500s', 'refused'], closes: ['repaired', 'recovered'] },
  },
];

/** Ways to break the script, to see that the checks notice. */
export const sabotages = {
  none: (phase) => phase,
  'never-fail': (phase) => ({ ...phase, fault: 'none' }),
  'never-recover': (phase) => (phase.name === 'recovered' ? { ...phase, fault: 'error' } : phase),
} satisfies Record<string, (phase: Phase) => Phase>;

export type Sabotage = keyof typeof sabotages;
