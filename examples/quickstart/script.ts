// The script: what the service does, and what each circuit must do then. This is the file to edit.

import type { CircuitBreakerOptions } from 'fusewire';

/** Behaviour of the service towards requests. */
export type Fault =
  | 'none' // answers in about 30 ms
  | 'slow' // answers in 400 ms
  | 'drip' // sends the head at once, and the body within half a second
  | 'error' // answers HTTP 500
  | 'busy' // answers HTTP 503, to be tried again in a second
  | 'reset' // accepts the request and closes the connection
  | 'refuse' // its port is closed
  | 'hang'; // accepts the request and never answers

/** A time during which the service behaves in one way. */
export interface Phase {
  name: string;
  fault: Fault;
  /** Milliseconds. On a slow machine the phase lasts until every circuit has done what it must. */
  duration: number;
}

/** The phases, in order. */
export const phases: Phase[] = [
  { name: 'healthy', fault: 'none', duration: 2000 },
  { name: 'slow', fault: 'slow', duration: 2500 },
  { name: '500s', fault: 'error', duration: 2500 },
  { name: 'repaired', fault: 'none', duration: 2500 },
  { name: 'refused', fault: 'refuse', duration: 2000 },
  { name: 'hung', fault: 'hang', duration: 2500 },
  { name: 'recovered', fault: 'none', duration: 3000 },
];

/** One endpoint of the service, and the breaker that protects its callers. */
export interface Dependency {
  name: string;
  /** Milliseconds between two requests. */
  every: number;
  /** Longest duration of a call in milliseconds, with the breaker and without it. */
  timeout: number;
  breaker: CircuitBreakerOptions;
  /** Names of the phases in which the circuit must do this. What it does in the other phases is not checked. */
  expected: { staysClosed: string[]; opens: string[]; reopens: string[]; closes: string[] };
}

export const dependencies: Dependency[] = [
  {
    // Opens after five failures in a row. The first probe comes soon, later ones less and less often.
    name: 'payments',
    every: 50,
    timeout: 300,
    breaker: {
      consecutiveFailureThreshold: 5,
      resetTimeout: { initial: 400, factor: 2, max: 1000 },
      successThreshold: 2,
    },
    expected: {
      staysClosed: ['healthy'],
      opens: ['slow', 'refused'],
      reopens: ['hung'],
      closes: ['repaired', 'recovered'],
    },
  },
  {
    // Opens when half of the calls are slow, even if they succeed.
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
    expected: {
      staysClosed: ['healthy'],
      opens: ['slow', 'refused'],
      reopens: ['hung'],
      closes: ['repaired', 'recovered'],
    },
  },
  {
    // Tolerates slow calls. After an outage, traffic returns gradually.
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
    expected: {
      staysClosed: ['healthy', 'slow'],
      opens: ['500s', 'refused'],
      reopens: ['hung'],
      closes: ['repaired', 'recovered'],
    },
  },
];

/** Departures from the script, to see the checks fail. */
export const sabotages = {
  none: (phase) => phase,
  'never-fail': (phase) => ({ ...phase, fault: 'none' }),
  'never-recover': (phase) => (phase.name === 'recovered' ? { ...phase, fault: 'error' } : phase),
} satisfies Record<string, (phase: Phase) => Phase>;

export type Sabotage = keyof typeof sabotages;
