import { readOptions } from 'fusewire/kit';
import { env } from '@fusewire/profiles/env';
import type { VariablesOf, VariableValues } from '@fusewire/profiles/env';
import { readLogger } from './logger.ts';
import type { Logger } from './logger.ts';

/** Longest delay of a timer, in milliseconds. */
export const LONGEST_TIMER = 2_147_483_647;
const MOST_RETRIES = 100;

const VARIABLES = {
  CONEXXUS_API_URL: env.url(),
  CONEXXUS_API_KEY: env.secret({ minimumLength: 10 }),
  CONEXXUS_TIMEOUT: env.integer({ default: 30_000, minimum: 1, maximum: LONGEST_TIMER }),
  CONEXXUS_RETRIES: env.integer({ default: 3, minimum: 0, maximum: MOST_RETRIES }),
  CONEXXUS_RETRY_DELAY: env.integer({ default: 1_000, minimum: 1, maximum: LONGEST_TIMER }),
};

/**
 * Variables of the integration: URL and key of the API, and timeout and retries of its client. `util.inspect` and
 * `JSON.stringify` leave out the key.
 */
export type ConexxusEnvironment = VariablesOf<typeof VARIABLES>;

/**
 * Reads the variables of the integration, and logs that they are valid. To be called when the program starts.
 *
 * `CONEXXUS_API_URL` must be an http or https URL outside of the domains for examples. `CONEXXUS_API_KEY` must have at least 10
 * characters. `CONEXXUS_TIMEOUT` is 30 000 by default, `CONEXXUS_RETRIES` 3, `CONEXXUS_RETRY_DELAY` 1 000.
 *
 * @throws {ConfigurationError} with every invalid variable. The message begins with `Conexxus configuration errors: `,
 *   and never contains the key.
 */
export function validateEnvironment(
  variables: VariableValues = process.env,
  options: { logger?: Logger | false | undefined } = {},
): ConexxusEnvironment {
  const reader = readOptions('Environment', 'conexxus', options);
  const logger = readLogger(reader);
  reader.finish();
  const environment = env.read(variables, VARIABLES, { title: 'Conexxus' });
  logger.log('Conexxus environment validation passed');
  return environment;
}

/**
 * Reads the variables of the integration, as {@link validateEnvironment} does. Returns undefined, and logs that the integration is
 * off, if neither the URL nor the key is set: that is how the document takes the integration out of service.
 *
 * @throws {ConfigurationError} with every invalid variable.
 */
export function readEnvironment(
  variables: VariableValues = process.env,
  options: { logger?: Logger | false | undefined } = {},
): ConexxusEnvironment | undefined {
  const { CONEXXUS_API_URL, CONEXXUS_API_KEY } = variables ?? {};
  if (CONEXXUS_API_URL || CONEXXUS_API_KEY) return validateEnvironment(variables, options);
  const reader = readOptions('Environment', 'conexxus', options);
  const logger = readLogger(reader);
  reader.finish();
  logger.log('Conexxus integration is off: neither CONEXXUS_API_URL nor CONEXXUS_API_KEY is set');
  return undefined;
}

/** Whether `value` has the variables that {@link validateEnvironment} returns. */
export function isEnvironment(value: unknown): value is ConexxusEnvironment {
  const { CONEXXUS_API_URL: url, CONEXXUS_API_KEY: key, ...numbers } = (value ?? {}) as Partial<ConexxusEnvironment>;
  const { CONEXXUS_TIMEOUT, CONEXXUS_RETRIES, CONEXXUS_RETRY_DELAY } = numbers;
  const areNumbers = [CONEXXUS_TIMEOUT, CONEXXUS_RETRIES, CONEXXUS_RETRY_DELAY].every(Number.isFinite);
  return typeof url === 'string' && typeof key === 'string' && key !== '' && areNumbers;
}
