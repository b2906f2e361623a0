import { readOptions } from 'fusewire';
import { ConfigurationError } from '../configuration-error.ts';
import { readString } from '../option-readers.ts';
import { problemCollector } from '../problem-collector.ts';
import type { Report } from '../problem-collector.ts';
import { hasCredentials, isSecretName, Redaction } from '../redaction.ts';
import { reportUnknownVariables } from './unknown-variables.ts';
import { notAString } from './variable.ts';
import type { Variable, VariableValues } from './variable.ts';

/** Variables by name. */
export type VariableSchema = Readonly<Record<string, Variable<unknown>>>;

/** Types of the values of a schema. */
export type VariablesOf<Schema extends VariableSchema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends Variable<infer Value> ? Value : never;
};

/** Options of {@link readVariables}. */
export interface ReadVariablesOptions {
  /** Owner of the variables in messages: `Conexxus` gives `Conexxus configuration errors: …`. Default: none. */
  readonly title?: string | undefined;
  /** Prefix of variables that must all be in the schema, so that a misspelt name is found. Default: no check. */
  readonly prefix?: string | undefined;
}

/**
 * Reads and validates variables by a schema. An empty variable is not set.
 *
 * ```ts
 * const { CONEXXUS_API_URL, CONEXXUS_TIMEOUT } = env.read(
 *   process.env,
 *   { CONEXXUS_API_URL: env.url(), CONEXXUS_API_KEY: env.secret(), CONEXXUS_TIMEOUT: env.integer({ default: 30_000 }) },
 *   { title: 'Conexxus' },
 * );
 * ```
 *
 * @returns the values by name. `util.inspect` and `JSON.stringify` of the result hide secrets, text whose name is that of a
 * secret, and URLs with credentials.
 * @throws {ConfigurationError} with every problem, and without any secret.
 * @throws {OptionsError} with every invalid option in `options`.
 * @throws {TypeError} if `values` or `schema` is no object, or the schema contains anything but variables.
 */
export function readVariables<const Schema extends VariableSchema>(
  values: VariableValues,
  schema: Schema,
  options: ReadVariablesOptions = {},
): VariablesOf<Schema> {
  const { title, prefix } = readSettings(options);
  checkArguments(values, schema);
  const names = Object.keys(schema);
  const secretNames = names.filter((name) => schema[name]?.isSecret === true);
  const redaction = new Redaction(values, secretNames);
  const { problems, report } = problemCollector();
  const result: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(schema)) {
    result[name] = readVariable(name, variable, values[name], redaction, report);
  }
  if (prefix !== undefined) reportUnknownVariables(values, names, prefix, report);
  if (problems.length > 0) throw new ConfigurationError(title, problems);
  return hideSecrets(result, secretNames) as VariablesOf<Schema>;
}

function readSettings(options: ReadVariablesOptions) {
  const reader = readOptions('Variables', 'env.read', options);
  const settings = { title: readString(reader, 'title'), prefix: readString(reader, 'prefix') };
  reader.finish();
  return settings;
}

function checkArguments(values: unknown, schema: unknown): void {
  if (typeof values !== 'object' || values === null) {
    throw new TypeError('env.read: the values must be an object, such as process.env');
  }
  if (typeof schema !== 'object' || schema === null) {
    throw new TypeError('env.read: the schema must be an object with variables by name');
  }
  for (const [name, variable] of Object.entries(schema)) {
    if (typeof (variable as Partial<Variable<unknown>> | null | undefined)?.read === 'function') continue;
    throw new TypeError(
      `env.read: ${name} in the schema must be a variable, as env.text(), env.url(), env.secret() and others return it`,
    );
  }
}

function readVariable(
  name: string,
  variable: Variable<unknown>,
  text: unknown,
  redaction: Redaction,
  report: Report,
): unknown {
  if (text !== undefined && typeof text !== 'string') return report(name, notAString(text));
  if (text === undefined || text.trim() === '') {
    if (variable.required) report(name, 'is not configured');
    return variable.fallback;
  }
  const reading = variable.read(text);
  if ('value' in reading) return reading.value;
  const got = reading.showValue && !variable.isSecret ? redaction.got(name, text) : '';
  report(name, `${reading.complaint}${got}`);
  return undefined;
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const HIDDEN = '[secret]';

/** Makes `util.inspect` and `JSON.stringify` hide secrets. Each secret can still be read by its name. */
function hideSecrets(values: Record<string, unknown>, secretNames: readonly string[]): object {
  const redacted = () =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const isText = typeof value === 'string';
        const isSecret = secretNames.includes(name) || (isText && (isSecretName(name) || hasCredentials(value)));
        return [name, isSecret && value !== undefined ? HIDDEN : value];
      }),
    );
  Object.defineProperty(values, 'toJSON', { value: redacted });
  Object.defineProperty(values, INSPECT, { value: redacted });
  return Object.freeze(values);
}
