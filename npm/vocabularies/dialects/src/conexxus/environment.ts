import { readOptions } from 'fusewire';
import { integer, readVariables, secret, url } from '@fusewire/profiles';
import type { VariablesOf, VariableValues } from '@fusewire/profiles';
import { readLogger } from './logger.ts';
import type { Logger } from './logger.ts';

/** The longest that a timer of JavaScript can wait, in milliseconds. */
export const LONGEST_TIMER = 2_147_483_647;
const MOST_RETRIES = 100;

const VARIABLES = {
  CONEXXUS_API_URL: url(),
  CONEXXUS_API_KEY: secret({ minimumLength: 10 }),
  CONEXXUS_TIMEOUT: integer({ default: 30_000, minimum: 1, maximum: LONGEST_TIMER }),
  CONEXXUS_RETRIES: integer({ default: 3, minimum: 0, maximum: MOST_RETRIES }),
  CONEXXUS_RETRY_DELAY: integer({ default: 1_000, minimum: 1, maximum: LONGEST_TIMER }),
};

/**
 * The variables of the integration: where the API is, its key, and in milliseconds and numbers how its client waits and
 * retries. `util.inspect` and `JSON.stringify` of it leave out the key.
 */
export type ConexxusEnvironment = VariablesOf<typeof VARIABLES>;

/**
 * Reads the variables of the integration, and says that all is well. To be called when the program starts.
 *
 * `CONEXXUS_API_URL` has to be an address of http or https, outside of the domains for examples, and `CONEXXUS_API_KEY` has
 * to have 10 characters. `CONEXXUS_TIMEOUT` is 30 000 by default, `CONEXXUS_RETRIES` 3, `CONEXXUS_RETRY_DELAY` 1 000.
 *
 * @throws {ConfigurationError} with everything that is wrong, beginning with `Conexxus configuration errors: `, and without
 * the key.
 */
export function validateEnvironment(
  variables: VariableValues = process.env,
  options: { logger?: Logger | false | undefined } = {},
): ConexxusEnvironment {
  const reader = readOptions('Environment', 'conexxus', options);
  const logger = readLogger(reader);
  reader.finish();
  const environment = readVariables(variables, VARIABLES, { title: 'Conexxus' });
  logger.log('Conexxus environment validation passed');
  return environment;
}

/** Whether it is what {@link validateEnvironment} returns. */
export function isEnvironment(given: unknown): given is ConexxusEnvironment {
  const { CONEXXUS_API_URL: url, CONEXXUS_API_KEY: key, ...numbers } = (given ?? {}) as Partial<ConexxusEnvironment>;
  const { CONEXXUS_TIMEOUT, CONEXXUS_RETRIES, CONEXXUS_RETRY_DELAY } = numbers;
  const areNumbers = [CONEXXUS_TIMEOUT, CONEXXUS_RETRIES, CONEXXUS_RETRY_DELAY].every(Number.isFinite);
  return typeof url === 'string' && typeof key === 'string' && key !== '' && areNumbers;
}
