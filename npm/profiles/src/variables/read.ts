import { readOptions } from 'fusewire';
import { ConfigurationError } from '../configuration-error.ts';
import { collector } from '../problems.ts';
import type { Report } from '../problems.ts';
import { hasCredentials, Redaction, soundsSecret } from '../secrets.ts';
import type { VariableValues } from '../secrets.ts';
import { notText, readText } from '../texts.ts';
import { reportUnknown } from './unknown.ts';
import type { Variable } from './variable.ts';

/** Variables by name. */
export type VariableSchema = Readonly<Record<string, Variable<unknown>>>;

/** The values of the variables of a schema. */
export type VariablesOf<Schema extends VariableSchema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends Variable<infer Value> ? Value : never;
};

/** How variables are read. */
export interface ReadVariablesOptions {
  /** Whose they are: `Conexxus` gives `Conexxus configuration errors: …`. Default: nobody's. */
  readonly title?: string | undefined;
  /** What begins so has to be in the schema, so that a misspelt name is found. Default: other variables do not matter. */
  readonly prefix?: string | undefined;
}

/**
 * Reads variables as a schema wants them. One that is empty is not set.
 *
 * ```ts
 * const { CONEXXUS_API_URL, CONEXXUS_TIMEOUT } = readVariables(
 *   process.env,
 *   { CONEXXUS_API_URL: url(), CONEXXUS_API_KEY: secret({ minimumLength: 10 }), CONEXXUS_TIMEOUT: integer({ default: 30_000 }) },
 *   { title: 'Conexxus' },
 * );
 * ```
 *
 * @returns the values by name. `util.inspect` and `JSON.stringify` of it leave out what is secret, or sounds or looks so.
 * @throws {ConfigurationError} with everything that is wrong, and without any secret.
 * @throws {BreakerOptionsError} with everything that is wrong with `options` themselves; {@link TypeError} for a schema that
 * holds something else than variables.
 */
export function readVariables<const Schema extends VariableSchema>(
  values: VariableValues,
  schema: Schema,
  options: ReadVariablesOptions = {},
): VariablesOf<Schema> {
  const { title, prefix } = readTitleAndPrefix(options);
  checkArguments(values, schema);
  const names = Object.keys(schema);
  const secrets = names.filter((name) => schema[name]?.isSecret === true);
  const redaction = new Redaction(values, secrets);
  const { problems, report } = collector();
  const read: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(schema)) {
    read[name] = readOne(name, variable, values[name], redaction, report);
  }
  if (prefix !== undefined) reportUnknown(values, names, prefix, report);
  if (problems.length > 0) throw new ConfigurationError(title, problems);
  return withoutSecrets(read, secrets) as VariablesOf<Schema>;
}

function readTitleAndPrefix(options: ReadVariablesOptions) {
  const reader = readOptions('Variables', 'readVariables', options);
  const read = { title: readText(reader, 'title'), prefix: readText(reader, 'prefix') };
  reader.finish();
  return read;
}

function checkArguments(values: unknown, schema: unknown): void {
  if (typeof values !== 'object' || values === null)
    throw new TypeError('readVariables takes values by name, such as process.env');
  if (typeof schema !== 'object' || schema === null)
    throw new TypeError('readVariables takes a schema with variables by name');
  for (const [name, variable] of Object.entries(schema)) {
    if (typeof (variable as Partial<Variable<unknown>> | null | undefined)?.read === 'function') continue;
    throw new TypeError(`readVariables takes variables made by text, url, secret, integer, …, and ${name} is none`);
  }
}

function readOne(
  name: string,
  variable: Variable<unknown>,
  given: unknown,
  redaction: Redaction,
  report: Report,
): unknown {
  if (given !== undefined && typeof given !== 'string') return report(name, notText(given));
  if (given === undefined || given.trim() === '') {
    if (variable.required) report(name, 'is not configured');
    return variable.fallback;
  }
  const reading = variable.read(given);
  if ('value' in reading) return reading.value;
  const got = reading.shown && !variable.isSecret ? redaction.got(name, given) : '';
  report(name, `${reading.fault}${got}`);
  return undefined;
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const NOT_SHOWN = '[secret]';

/** Whoever asks for a secret by name gets it; who prints everything does not. */
function withoutSecrets(values: Record<string, unknown>, secrets: readonly string[]): object {
  const harmless = () =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const isText = typeof value === 'string';
        const isSecret = secrets.includes(name) || (isText && (soundsSecret(name) || hasCredentials(value)));
        return [name, isSecret && value !== undefined ? NOT_SHOWN : value];
      }),
    );
  Object.defineProperty(values, 'toJSON', { value: harmless });
  Object.defineProperty(values, INSPECT, { value: harmless });
  return Object.freeze(values);
}
