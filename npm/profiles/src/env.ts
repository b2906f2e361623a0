import { boolean, oneOf } from './variables/choices.ts';
import { integer, number } from './variables/numbers.ts';
import { readVariables } from './variables/read-variables.ts';
import { secret, text } from './variables/text.ts';
import { url } from './variables/url.ts';

/**
 * Readers of the variables of a program, and `read`, which validates all of them at once.
 *
 * ```ts
 * const { API_URL, API_TIMEOUT } = env.read(process.env, { API_URL: env.url(), API_TIMEOUT: env.integer({ default: 30_000 }) });
 * ```
 */
export const env = { boolean, integer, number, oneOf, read: readVariables, secret, text, url } as const;

export type { VariableSchema, VariablesOf } from './variables/read-variables.ts';
export type { Variable, VariableValues } from './variables/variable.ts';
