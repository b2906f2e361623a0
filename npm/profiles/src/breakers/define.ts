/// <reference lib="esnext.disposable" preserve="true" />
import { CircuitBreaker, isBackendLoadError, isBreakerOptionsError } from 'fusewire';
import type { BreakerRegistry, Problem } from 'fusewire';
import { ConfigurationError } from '../configuration-error.ts';
import type { PresetName } from '../presets.ts';
import { collector } from '../problems.ts';
import type { Report } from '../problems.ts';
import { Redaction } from '../secrets.ts';
import type { VariableValues } from '../secrets.ts';
import { suggestion } from '../suggestions.ts';
import { OPTIONS, withVariables } from './options.ts';
import type { GivenOption, OptionsOfBreaker } from './options.ts';
import { checkEnvironment, isPlainObject, optionsOf, readSetting } from './setting.ts';
import { readBreakerVariables } from './variables.ts';

/** Options by the name of an environment. */
export type Environments = Readonly<Record<string, OptionsOfBreaker>>;

/**
 * A breaker: the name of a preset; or options, with a `preset` that they go over and `environments` that go over them.
 */
export type BreakerDefinition = PresetName | BreakerProfile;

/** The options of a breaker, and where they come from. */
export interface BreakerProfile extends OptionsOfBreaker {
  /** What the options go over. Default: nothing. */
  readonly preset?: PresetName | undefined;
  /** What goes over the options in an environment. */
  readonly environments?: Environments | undefined;
}

/** Where the options of breakers come from beside their definitions. */
export interface DefineBreakersOptions {
  /** Which environment this is. Default: `NODE_ENV` of the process; where there is no process, none. */
  readonly environment?: string | undefined;
  /** What goes over the options of every breaker in an environment. Default: nothing. */
  readonly environments?: Environments | undefined;
  /** Options of every breaker, below everything else. Default: fusewire's own. */
  readonly defaults?: OptionsOfBreaker | undefined;
  /** The variables that go over everything else. Default: those of the process; where there is none, none. False: none. */
  readonly variables?: VariableValues | false | undefined;
  /** How the names of these variables begin. Default `'BREAKER_'`. */
  readonly prefix?: string | undefined;
  /** What becomes of variables that begin so and belong to no breaker. Default `'refuse'`. */
  readonly unknownVariables?: 'refuse' | 'ignore' | undefined;
  /** Where the breakers are registered. Default: a registry of their own. */
  readonly registry?: BreakerRegistry | undefined;
}

/** The breakers by name, and what they have in common, which `Object.keys` does not list. */
export type DefinedBreakers<Name extends string> = { readonly [Each in Name]: CircuitBreaker } & BreakersHandle;

/** What the breakers of one definition have in common. None of them can have one of these names. */
export interface BreakersHandle {
  /** Where they are registered. */
  readonly registry: BreakerRegistry;
  /** Which environment their options are of. */
  readonly environment: string | undefined;
  /** Disposes all of them, and takes them out of the registry. */
  dispose(): void;
  /** The same, at the end of a block that declares them with `using`. */
  [Symbol.dispose](): void;
}

type Reserved = 'registry' | 'environment' | 'dispose' | 'then';
/** A promise takes what has a `then` for another one. */
const RESERVED: ReadonlySet<string> = new Set<Reserved>(['registry', 'environment', 'dispose', 'then']);

/** Not every runtime has it yet. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/**
 * Makes the breakers of a program. Their options come, the later over the earlier, from `defaults`, the preset, the
 * definition, the environment in general, the environment of the definition, and variables.
 *
 * ```ts
 * const breakers = defineBreakers({
 *   mpesa: 'MPESA',
 *   sms: { preset: 'SMS', timeout: 8_000, environments: { development: { failureThreshold: 2 } } },
 *   ledger: { failureRateThreshold: 0.5, timeout: 2_000 },
 * });
 * await breakers.mpesa.execute(({ signal }) => pay(signal));
 * ```
 *
 * A variable is `BREAKER_`, the name of the breaker and the option, in capitals: `BREAKER_MPESA_FAILURE_THRESHOLD=3`,
 * `BREAKER_MPESA_WINDOW_SIZE=50`, `BREAKER_SMS_RESET_TIMEOUT_JITTER=0.2`. Its unit is that of the option. One that is empty
 * is not set.
 *
 * @throws {ConfigurationError} with everything that is wrong with any breaker or variable, and without any secret; no
 * breaker is made.
 * @throws {BreakerOptionsError} with everything that is wrong with `options` themselves.
 */
export function defineBreakers<const Name extends string>(
  definitions: { readonly [Each in Name]: Each extends Reserved ? never : BreakerDefinition },
  options: DefineBreakersOptions = {},
): DefinedBreakers<Name> {
  const setting = readSetting(options);
  const { problems, report } = collector();
  const given: unknown = definitions;
  if (!isPlainObject(given)) throw new TypeError('defineBreakers takes an object with definitions by name');
  const names = Object.keys(given);
  for (const name of names) if (RESERVED.has(name)) report(name, 'cannot be the name of a breaker');
  checkEnvironment(Object.values(given), setting, options.environment !== undefined, report);
  const redaction = new Redaction(setting.variables);
  const fromVariables = readBreakerVariables(setting, names, report);
  const plans = names.map((name): Plan => {
    const variables = fromVariables.get(name) ?? [];
    const own = optionsOf(name, given[name], setting, report);
    return { name, variables, options: withVariables(own, variables) };
  });
  const made: CircuitBreaker[] = [];
  try {
    for (const plan of plans) made.push(...makeOne(plan, setting.registry, redaction, report));
    if (problems.length > 0) throw new ConfigurationError('Circuit breaker', problems);
  } catch (error) {
    disposeAll(made, setting.registry);
    throw error;
  }
  return handleOf(made, setting.registry, setting.environment) as DefinedBreakers<Name>;
}

/** A breaker that is to be made. */
interface Plan {
  readonly name: string;
  readonly variables: readonly GivenOption[];
  readonly options: OptionsOfBreaker;
}

/** Returns the breaker, or nothing where it cannot be made. */
function makeOne(
  { name, variables, options }: Plan,
  registry: BreakerRegistry,
  redaction: Redaction,
  report: Report,
): readonly CircuitBreaker[] {
  const isTaken = registry.get(name) !== undefined;
  if (isTaken) report(name, 'is in the registry already');
  try {
    if (!isTaken) return [registry.create(name, options)];
    new CircuitBreaker({ ...options, name }).dispose();
  } catch (error) {
    if (!isBreakerOptionsError(error) && !isBackendLoadError(error)) throw error;
    if (isBackendLoadError(error)) report(name, `cannot be made: ${error.message}`);
    else for (const problem of error.problems) tell(problem);
  }
  return [];

  function tell(problem: Problem): void {
    const variable = variableOf(problem.option, variables);
    report(variable ?? `${name}.${problem.option}`, complaint(problem, options, redaction));
  }
}

/** The variable that gave an option, or something within it, or what it is within. */
function variableOf(option: string, variables: readonly GivenOption[]): string | undefined {
  const find = (isMeant: (path: string) => boolean) => variables.find(({ path }) => isMeant(path))?.variable;
  return (
    find((path) => path === option) ??
    find((path) => path.startsWith(`${option}.`)) ??
    find((path) => option.startsWith(`${path}.`))
  );
}

const KNOWN = new Set(Object.keys(OPTIONS).flatMap((path) => [path, path.split('.')[0] as string]));
for (const option of ['clock', 'classify', 'isFailure', 'logger', 'preset', 'environments']) KNOWN.add(option);

function complaint({ option, kind, expected }: Problem, options: OptionsOfBreaker, redaction: Redaction): string {
  if (kind === 'unknown') return `is not an option${suggestion(option, KNOWN)}`;
  const value = valueAt(options, option);
  const isTold = value !== undefined && (kind === 'type' || kind === 'range');
  return `must be ${expected}${isTold ? redaction.got(option, value) : ''}`;
}

function valueAt(options: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (isPlainObject(value) ? value[name] : undefined), options);
}

function handleOf(
  breakers: readonly CircuitBreaker[],
  registry: BreakerRegistry,
  environment: string | undefined,
): BreakersHandle {
  const dispose = () => disposeAll(breakers, registry);
  const handle = Object.fromEntries(breakers.map((breaker) => [breaker.name, breaker]));
  Object.defineProperties(handle, {
    registry: { value: registry },
    environment: { value: environment },
    dispose: { value: dispose },
    [DISPOSE]: { value: dispose },
  });
  return Object.freeze(handle) as unknown as BreakersHandle;
}

function disposeAll(breakers: readonly CircuitBreaker[], registry: BreakerRegistry): void {
  for (const breaker of breakers) {
    if (registry.get(breaker.name) === breaker) registry.delete(breaker.name);
    breaker.dispose();
  }
}
