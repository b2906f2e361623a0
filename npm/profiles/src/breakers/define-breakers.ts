import { CircuitBreaker, EngineLoadError, OptionsError, suggestion } from 'fusewire';
import type { BreakerRegistry, Problem } from 'fusewire';
import { ConfigurationError } from '../configuration-error.ts';
import { isPlainObject } from '../option-readers.ts';
import { problemCollector } from '../problem-collector.ts';
import type { Report } from '../problem-collector.ts';
import { Redaction } from '../redaction.ts';
import type { BreakerDefinition, BreakersHandle, DefineBreakersOptions, DefinedBreakers } from './definition.ts';
import { checkEnvironment, optionsOf } from './layers.ts';
import { PARSERS, applyVariables } from './options.ts';
import type { OptionsOfBreaker, VariableOption } from './options.ts';
import { readSettings } from './settings.ts';
import { readBreakerVariables } from './variables.ts';

type Reserved = 'registry' | 'environment' | 'dispose' | 'then';
/** Names that no breaker can have. A `then` would turn the handle into a thenable. */
const RESERVED: ReadonlySet<string> = new Set<Reserved>(['registry', 'environment', 'dispose', 'then']);

/** `Symbol.dispose`, or the symbol that its polyfills use where the runtime has none. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/**
 * Creates the breakers of a program. Their options come from these layers, where each overrides those before it: `defaults`,
 * the preset, the definition, `environments`, the `environments` of the definition, and variables.
 *
 * ```ts
 * const breakers = defineBreakers({
 *   mpesa: 'payment',
 *   sms: { preset: 'http', timeout: 8_000, environments: { development: { failureThreshold: 2 } } },
 *   ledger: { failureRateThreshold: 0.5, timeout: 2_000 },
 * });
 * await breakers.mpesa.execute(({ signal }) => pay(signal));
 * ```
 *
 * The name of a variable is `BREAKER_`, the name of the breaker and the option, in capitals:
 * `BREAKER_MPESA_FAILURE_THRESHOLD=3`, `BREAKER_MPESA_WINDOW_SIZE=50`, `BREAKER_SMS_RESET_TIMEOUT_JITTER=0.2`. Its unit is
 * that of the option. An empty variable is not set.
 *
 * @throws {ConfigurationError} with every problem of every breaker and variable, and without any secret. No breaker remains.
 * @throws {OptionsError} with every invalid option in `options`.
 */
export function defineBreakers<const Name extends string>(
  definitions: { readonly [Each in Name]: Each extends Reserved ? never : BreakerDefinition },
  options: DefineBreakersOptions = {},
): DefinedBreakers<Name> {
  const settings = readSettings(options);
  const { problems, report } = problemCollector();
  const input: unknown = definitions;
  if (!isPlainObject(input)) {
    throw new TypeError('defineBreakers: the first argument must be an object with definitions by name');
  }
  const names = Object.keys(input);
  for (const name of names) if (RESERVED.has(name)) report(name, 'cannot be the name of a breaker');
  checkEnvironment(Object.values(input), settings, options.environment !== undefined, report);
  const redaction = new Redaction(settings.variables);
  const variablesByBreaker = readBreakerVariables(settings, names, report);
  const plans = names.map((name): Plan => {
    const variables = variablesByBreaker.get(name) ?? [];
    const own = optionsOf(name, input[name], settings, report);
    return { name, variables, options: applyVariables(own, variables) };
  });
  const created: CircuitBreaker[] = [];
  try {
    for (const plan of plans) created.push(...create(plan, settings.registry, redaction, report));
    if (problems.length > 0) throw new ConfigurationError('Circuit breaker', problems);
  } catch (error) {
    disposeAll(created, settings.registry);
    throw error;
  }
  return handleOf(created, settings.registry, settings.environment) as DefinedBreakers<Name>;
}

/** Name and options of a breaker to create. */
interface Plan {
  readonly name: string;
  readonly variables: readonly VariableOption[];
  readonly options: OptionsOfBreaker;
}

/** Creates a breaker. Returns an empty list, and reports the problems, if that is not possible. */
function create(
  { name, variables, options }: Plan,
  registry: BreakerRegistry,
  redaction: Redaction,
  report: Report,
): readonly CircuitBreaker[] {
  const isTaken = registry.get(name) !== undefined;
  if (isTaken) report(name, 'is in the registry already');
  try {
    if (!isTaken) return [registry.create(name, options)];
    // Reports the problems of the options too.
    new CircuitBreaker({ ...options, name }).dispose();
  } catch (error) {
    if (!(error instanceof OptionsError) && !(error instanceof EngineLoadError)) throw error;
    if (error instanceof EngineLoadError) report(name, `cannot be created: ${error.message}`);
    else for (const problem of error.problems) reportProblem(problem);
  }
  return [];

  function reportProblem(problem: Problem): void {
    const variable = variableOf(problem.option, variables);
    report(variable ?? `${name}.${problem.option}`, complaintOf(problem, options, redaction));
  }
}

/** Returns the variable that sets an option, or an option inside it, or the option that it is inside of. */
function variableOf(option: string, variables: readonly VariableOption[]): string | undefined {
  const find = (matches: (path: string) => boolean) => variables.find(({ path }) => matches(path))?.variable;
  return (
    find((path) => path === option) ??
    find((path) => path.startsWith(`${option}.`)) ??
    find((path) => option.startsWith(`${path}.`))
  );
}

const KNOWN_OPTIONS = new Set(Object.keys(PARSERS).flatMap((path) => [path, path.split('.')[0] as string]));
for (const option of ['clock', 'classify', 'isFailure', 'logger', 'preset', 'environments']) KNOWN_OPTIONS.add(option);

function complaintOf({ option, kind, expected }: Problem, options: OptionsOfBreaker, redaction: Redaction): string {
  if (kind === 'unknown') return `is not an option${suggestion(option, KNOWN_OPTIONS)}`;
  const value = valueAt(options, option);
  const showsValue = value !== undefined && (kind === 'type' || kind === 'range');
  return `must be ${expected}${showsValue ? redaction.got(option, value) : ''}`;
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
