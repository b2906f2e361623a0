import { BreakerRegistry, readOptions } from 'fusewire';
import { presets } from '../presets.ts';
import type { Report } from '../problems.ts';
import type { VariableValues } from '../secrets.ts';
import { suggestion } from '../suggestions.ts';
import { readText } from '../texts.ts';
import type { BreakerProfile, Environments } from './define.ts';
import { layered } from './options.ts';
import type { OptionsOfBreaker } from './options.ts';

/** Where the options of breakers come from, read. */
export interface Setting {
  readonly environment: string | undefined;
  readonly environments: Environments;
  readonly defaults: OptionsOfBreaker;
  readonly variables: VariableValues;
  readonly prefix: string;
  readonly refusesUnknown: boolean;
  readonly registry: BreakerRegistry;
}

/** The process, where there is one. */
const { env } = (typeof process === 'object' && process !== null ? process : {}) as Partial<typeof process>;

/**
 * Reads what definitions have in common.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with it: that is the program's fault, not the configuration's.
 */
export function readSetting(options: unknown): Setting {
  const reader = readOptions('Circuit breakers', 'defineBreakers', options);
  const object = (option: string) => {
    const value = reader.value(option);
    if (value === undefined || isPlainObject(value)) return value;
    reader.report(option, 'type', 'an object');
    return undefined;
  };
  const environment = readText(reader, 'environment') ?? env?.['NODE_ENV'];
  const environments = (object('environments') ?? {}) as Environments;
  const defaults = (object('defaults') ?? {}) as OptionsOfBreaker;
  const given = reader.value('variables');
  if (given !== undefined && given !== false && (typeof given !== 'object' || given === null)) {
    reader.report('variables', 'type', 'an object such as process.env, or false for none');
  }
  const variables = (given === false ? {} : (given ?? env ?? {})) as VariableValues;
  const prefix = readText(reader, 'prefix') ?? 'BREAKER_';
  const refusesUnknown = reader.oneOf('unknownVariables', ['refuse', 'ignore']) !== 'ignore';
  const registry = reader.value('registry');
  if (registry !== undefined && !isRegistry(registry)) reader.report('registry', 'type', 'a BreakerRegistry');
  reader.finish();
  return {
    environment: environment === '' ? undefined : environment,
    environments,
    defaults,
    variables,
    prefix,
    refusesUnknown,
    registry: (registry as BreakerRegistry | undefined) ?? new BreakerRegistry(),
  };
}

/** The options that a definition stands for in an environment, before any variable. */
export function optionsOf(name: string, definition: unknown, setting: Setting, report: Report): OptionsOfBreaker {
  const profile = profileOf(name, definition, report);
  const { preset, environments = {}, ...own } = profile;
  if ('name' in own) report(`${name}.name`, 'must be left out, for the breaker goes by its key');
  const isKnown = preset === undefined || (typeof preset === 'string' && Object.hasOwn(presets, preset));
  if (!isKnown) report(`${name}.preset`, `is not a preset${suggestion(preset, Object.keys(presets))}`);
  if (!isPlainObject(environments)) report(`${name}.environments`, 'must be an object with options by environment');
  const layers: readonly [source: string, options: unknown][] = [
    ['defaults', setting.defaults],
    [`${name}.preset`, preset !== undefined && isKnown ? presets[preset] : {}],
    [name, own],
    ['environments', inEnvironment(setting.environments, setting)],
    [`${name}.environments`, inEnvironment(environments, setting)],
  ];
  return layers.reduce<OptionsOfBreaker>((lower, [source, upper]) => {
    if (isPlainObject(upper)) return layered(lower, upper as OptionsOfBreaker);
    report(`${source}.${setting.environment}`, 'must be an object with options');
    return lower;
  }, {});
}

/** An environment that was named and that nothing is said of is misspelt. */
export function checkEnvironment(definitions: readonly unknown[], setting: Setting, wasNamed: boolean, report: Report) {
  const { environment } = setting;
  const known = new Set(Object.keys(setting.environments));
  for (const definition of definitions) {
    if (!isPlainObject(definition) || !isPlainObject(definition['environments'])) continue;
    for (const name of Object.keys(definition['environments'])) known.add(name);
  }
  if (!wasNamed || environment === undefined || known.size === 0 || known.has(environment)) return;
  report('environment', `must be ${[...known].join(' or ')}, got ${JSON.stringify(environment)}`);
}

/** An object with named things in it. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function profileOf(name: string, definition: unknown, report: Report): BreakerProfile {
  if (typeof definition === 'string') return { preset: definition as never };
  if (isPlainObject(definition)) return definition;
  report(name, 'must be the name of a preset, or options');
  return {};
}

function inEnvironment(environments: Environments, { environment }: Setting): unknown {
  const isGiven = environment !== undefined && isPlainObject(environments) && Object.hasOwn(environments, environment);
  return isGiven ? environments[environment] : {};
}

/** Of whichever copy of fusewire. */
function isRegistry(value: unknown): boolean {
  const { create, get, delete: remove } = (value ?? {}) as Partial<BreakerRegistry>;
  return [create, get, remove].every((method) => typeof method === 'function');
}
