import { setTimeout as delay } from 'node:timers/promises';
import { CallTimeoutError, CircuitOpenError, readOptions } from 'fusewire';
import type { CircuitBreaker as Engine, CircuitState } from 'fusewire';
import { messageOf } from '../translation.ts';
import type { CircuitBreaker, CircuitBreakerStats } from './circuit-breaker.ts';

/** Result of one call of a simulation. */
export interface SimulatedCall {
  /** Number of the call, from 1. */
  iteration: number;
  success: boolean;
  /** Message of the error; missing after a success. */
  error?: string;
  /** Whether the circuit rejected the call. */
  circuitBreakerOpen: boolean;
}

/** Response of `simulate-failure`. */
export interface FailureSimulation {
  serviceName: string;
  results: SimulatedCall[];
  stats: CircuitBreakerStats;
}

/** Response of `simulate-timeout`. */
export interface TimeoutSimulation {
  serviceName: string;
  delay: number;
  /** Whether the call timed out. */
  timeout: boolean;
  /** Message of the error; missing after a success. */
  error?: string;
  stats: CircuitBreakerStats;
}

/** Availability of a service. */
export interface ExternalService {
  service: string;
  state: CircuitState;
  /** Whether the circuit admits calls. */
  available: boolean;
  /** Time of the next admission, in ISO 8601; missing if a call is admitted now. */
  nextAttempt?: string;
}

const MOST_ITERATIONS = 100;
const LONGEST_DELAY = 60_000;

/** Runs calls that fail or succeed, one after the other. */
export async function simulateFailure(
  breakerFor: (serviceName: string) => CircuitBreaker,
  request: unknown,
): Promise<FailureSimulation> {
  const reader = readOptions('Simulation', 'failure', request);
  const serviceName = readServiceName(reader);
  const shouldFail = reader.boolean('shouldFail') ?? true;
  const expected = `a whole number from 1 to ${MOST_ITERATIONS}`;
  const iterations = reader.number('iterations', 1, MOST_ITERATIONS, expected, true) ?? 1;
  reader.finish('serviceName');
  const breaker = breakerFor(serviceName);
  const results: SimulatedCall[] = [];
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const { success, error, circuitBreakerOpen } = await outcomeOf(breaker.engine, () => simulatedCall(shouldFail));
    results.push({ iteration, success, ...(error !== undefined && { error }), circuitBreakerOpen });
  }
  return { serviceName, results, stats: breaker.getStats() };
}

/** Runs one call of `delay` milliseconds. */
export async function simulateTimeout(
  breakerFor: (serviceName: string) => CircuitBreaker,
  request: unknown,
): Promise<TimeoutSimulation> {
  const reader = readOptions('Simulation', 'timeout', request);
  const serviceName = readServiceName(reader);
  const expected = `a number of milliseconds from 0 to ${LONGEST_DELAY}`;
  const milliseconds = reader.number('delay', 0, LONGEST_DELAY, expected) ?? 0;
  reader.finish('serviceName', 'delay');
  const breaker = breakerFor(serviceName);
  const outcome = await outcomeOf(breaker.engine, (signal) => delay(milliseconds, undefined, { signal }));
  const { timeout, error } = outcome;
  return {
    serviceName,
    delay: milliseconds,
    timeout,
    ...(error !== undefined && { error }),
    stats: breaker.getStats(),
  };
}

/** Returns the availability of the services, according to their circuits. */
export function availabilityOf(breakers: readonly CircuitBreaker[]): ExternalService[] {
  return breakers.map((breaker) => {
    const { state, nextAttempt } = breaker.getStats();
    const service = { service: breaker.name, state, available: state !== 'OPEN' };
    return nextAttempt === undefined ? service : { ...service, nextAttempt };
  });
}

function readServiceName(reader: ReturnType<typeof readOptions>): string {
  const name = reader.value('serviceName');
  if (typeof name === 'string' && name.length > 0 && name.length <= 200) return name;
  if (name !== undefined) reader.report('serviceName', 'type', 'a string of 1 to 200 characters');
  return 'unnamed';
}

async function simulatedCall(shouldFail: boolean): Promise<void> {
  if (shouldFail) throw new Error('Simulated failure');
}

interface Outcome {
  readonly success: boolean;
  readonly error?: string;
  readonly circuitBreakerOpen: boolean;
  readonly timeout: boolean;
}

async function outcomeOf(engine: Engine, work: (signal: AbortSignal) => Promise<unknown>): Promise<Outcome> {
  try {
    await engine.execute(({ signal }) => work(signal));
    return { success: true, circuitBreakerOpen: false, timeout: false };
  } catch (error) {
    const circuitBreakerOpen = error instanceof CircuitOpenError;
    return { success: false, error: messageOf(error), circuitBreakerOpen, timeout: error instanceof CallTimeoutError };
  }
}
