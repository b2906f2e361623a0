import { BreakerRegistry, readOptions } from 'fusewire';
import { readObject, readString } from '../option-readers.ts';
import type { VariableValues } from '../variables/variable.ts';
import type { Environments } from './definition.ts';
import type { OptionsOfBreaker } from './options.ts';

/** Validated options of `defineBreakers`. */
export interface Settings {
  readonly environment: string | undefined;
  readonly environments: Environments;
  readonly defaults: OptionsOfBreaker;
  readonly variables: VariableValues;
  readonly prefix: string;
  readonly rejectsUnknownVariables: boolean;
  readonly registry: BreakerRegistry;
}

/** Returns the variables of the process; undefined if there is no process, or if it may not read all of them. */
function processVariables(): VariableValues | undefined {
  const { env } = (typeof process === 'object' && process !== null ? process : {}) as Partial<typeof process>;
  try {
    if (env !== undefined) Object.keys(env);
    return env;
  } catch {
    // Deno denies the variables unless the user has allowed all of them.
    return undefined;
  }
}

/** Returns `NODE_ENV`, which Deno may allow to be read while it denies other variables. */
function nodeEnvironment(): string | undefined {
  try {
    return typeof process === 'object' && process !== null ? process.env?.['NODE_ENV'] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the options of `defineBreakers`.
 *
 * @throws {OptionsError} with every invalid option. This is a mistake in the program, not in its configuration.
 */
export function readSettings(options: unknown): Settings {
  const reader = readOptions('Circuit breakers', 'defineBreakers', options);
  const environment = readString(reader, 'environment') ?? nodeEnvironment();
  const environments = (readObject(reader, 'environments') ?? {}) as Environments;
  const defaults = (readObject(reader, 'defaults') ?? {}) as OptionsOfBreaker;
  const variables = reader.value('variables');
  if (variables !== undefined && variables !== false && (typeof variables !== 'object' || variables === null)) {
    reader.report('variables', 'type', 'an object such as process.env, or false for none');
  }
  const prefix = readString(reader, 'prefix') ?? 'BREAKER_';
  const rejectsUnknownVariables = reader.oneOf('unknownVariables', ['refuse', 'ignore']) !== 'ignore';
  const registry = reader.value('registry');
  if (registry !== undefined && !isRegistry(registry)) reader.report('registry', 'type', 'a BreakerRegistry');
  reader.finish();
  return {
    environment: environment === '' ? undefined : environment,
    environments,
    defaults,
    variables: (variables === false ? {} : (variables ?? processVariables() ?? {})) as VariableValues,
    prefix,
    rejectsUnknownVariables,
    registry: (registry as BreakerRegistry | undefined) ?? new BreakerRegistry(),
  };
}

/** Whether a value is a registry, of this copy of fusewire or another. */
function isRegistry(value: unknown): boolean {
  const { create, get, delete: remove } = (value ?? {}) as Partial<BreakerRegistry>;
  return [create, get, remove].every((method) => typeof method === 'function');
}
