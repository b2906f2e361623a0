import { readOptions } from 'fusewire/kit';
import { environments, presets } from '../presets.ts';
import { shownWord } from '../translation.ts';
import type { FurtherOptions } from '../translation.ts';

/** Configuration of a breaker. Times are milliseconds. Options of fusewire that the document does not have are options too. */
export interface CircuitBreakerConfig extends FurtherOptions {
  /** Failures within 60 000 ms that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** Successes that close a half-open circuit: 1 to 1 000 000. Default 3. */
  successThreshold?: number | undefined;
  /** Longest duration of a call: 1 to 2 147 483 647, or 0 for no limit. Default 10 000. */
  timeout?: number | undefined;
  /** Time that the circuit stays open: 1 to 31 536 000 000. Default 30 000. */
  resetTimeout?: number | undefined;
  /** Largest number of simultaneous calls while the circuit is half-open: 1 to 10 000. Default 3. */
  maxConcurrentRequests?: number | undefined;
}

/** Configurations of the document, by the dependency that they protect. */
export const CircuitBreakerConfigs = {
  DATABASE: presets.DATABASE,
  N8N_API: presets.N8N_API,
  EXTERNAL_API: presets.EXTERNAL_API,
  UNIPILE: presets.UNIPILE,
  REACHINBOX: presets.REACHINBOX,
  LINKEDIN: presets.LINKEDIN,
  APOLLO: presets.APOLLO,
} as const satisfies Record<string, CircuitBreakerConfig>;

/** Environment in which the program runs. */
export type Environment = keyof typeof environments;

/**
 * Returns a configuration with the `failureThreshold`, `timeout` and `resetTimeout` of an environment.
 *
 * @throws {RangeError} for an unknown environment.
 * @throws {OptionsError} if the configuration is no object. The breaker checks its options.
 */
export function configFor(environment: Environment, config: CircuitBreakerConfig = {}): CircuitBreakerConfig {
  if (typeof environment !== 'string' || !Object.hasOwn(environments, environment)) {
    const known = Object.keys(environments).join(', ');
    throw new RangeError(`Environment must be one of ${known}, got ${shownWord(environment)}`);
  }
  readOptions('Configuration for', environment, config);
  return { ...config, ...environments[environment] };
}
