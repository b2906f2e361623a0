import { readOptions } from 'fusewire';
import { environments, presets } from '@fusewire/profiles';
import type { CircuitBreakerConfig } from './circuit-breaker.ts';

/** The configurations of the document, by what they protect. */
export const CircuitBreakerConfigs = {
  DATABASE: presets.DATABASE,
  N8N_API: presets.N8N_API,
  EXTERNAL_API: presets.EXTERNAL_API,
  UNIPILE: presets.UNIPILE,
  REACHINBOX: presets.REACHINBOX,
  LINKEDIN: presets.LINKEDIN,
  APOLLO: presets.APOLLO,
} as const satisfies Record<string, CircuitBreakerConfig>;

/** Where the program runs. */
export type Environment = keyof typeof environments;

/**
 * A configuration as it is in an environment: `failureThreshold`, `timeout` and `resetTimeout` are those of the environment.
 *
 * @throws {RangeError} if there is no such environment.
 * @throws {BreakerOptionsError} if the configuration is no object; what is in it is checked when a breaker is made.
 */
export function configFor(environment: Environment, config: CircuitBreakerConfig = {}): CircuitBreakerConfig {
  if (typeof environment !== 'string' || !Object.hasOwn(environments, environment)) {
    const known = Object.keys(environments).join(', ');
    throw new RangeError(`Environment must be one of ${known}, got ${JSON.stringify(environment)}`);
  }
  readOptions('Configuration for', environment, config);
  return { ...config, ...environments[environment] };
}
