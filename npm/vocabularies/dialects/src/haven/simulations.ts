import { setTimeout as delay } from 'node:timers/promises';
import { isCallTimeoutError, isCircuitOpenError, readOptions } from 'fusewire';
import type { CircuitBreaker as Engine, CircuitState } from 'fusewire';
import { messageOf } from '../translation.ts';
import type { CircuitBreaker, CircuitBreakerStats } from './circuit-breaker.ts';

/** One call of a simulation. */
export interface SimulatedCall {
  /** From 1. */
  iteration: number;
  success: boolean;
  /** What it rejected with; missing where it succeeded. */
  error?: string;
  /** Whether the circuit did not admit it. */
  circuitBreakerOpen: boolean;
}

/** What calls that fail, or do not, do to a circuit. */
export interface FailureSimulation {
  serviceName: string;
  results: SimulatedCall[];
  stats: CircuitBreakerStats;
}

/** What a call that takes so long does to a circuit. */
export interface TimeoutSimulation {
  serviceName: string;
  delay: number;
  /** Whether it took too long. */
  timeout: boolean;
  /** What it rejected with; missing where it succeeded. */
  error?: string;
  stats: CircuitBreakerStats;
}

/** Whether a service can be called. */
export interface ExternalService {
  service: string;
  state: CircuitState;
  /** Whether its circuit admits calls. */
  available: boolean;
  /** When a call may be admitted, in ISO 8601; missing where one would be now. */
  nextAttempt?: string;
}

const MOST_ITERATIONS = 100;
const LONGEST_DELAY = 60_000;

/** Has so many calls fail, or succeed, one after the other. */
export async function simulateFailure(
  breakerFor: (serviceName: string) => CircuitBreaker,
  given: unknown,
): Promise<FailureSimulation> {
  const reader = readOptions('Simulation', 'failure', given);
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

/** Has one call take so long. */
export async function simulateTimeout(
  breakerFor: (serviceName: string) => CircuitBreaker,
  given: unknown,
): Promise<TimeoutSimulation> {
  const reader = readOptions('Simulation', 'timeout', given);
  const serviceName = readServiceName(reader);
  const expected = `a number of milliseconds from 0 to ${LONGEST_DELAY}`;
  const span = reader.number('delay', 0, LONGEST_DELAY, expected) ?? 0;
  reader.finish('serviceName', 'delay');
  const breaker = breakerFor(serviceName);
  const outcome = await outcomeOf(breaker.engine, (signal) => delay(span, undefined, { signal }));
  const { timeout, error } = outcome;
  return { serviceName, delay: span, timeout, ...(error !== undefined && { error }), stats: breaker.getStats() };
}

/** Whether the services can be called, as their circuits know it. */
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
    const circuitBreakerOpen = isCircuitOpenError(error);
    return { success: false, error: messageOf(error), circuitBreakerOpen, timeout: isCallTimeoutError(error) };
  }
}
