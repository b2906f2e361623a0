import { CircuitBreaker as Engine, CircuitOpenError, isRejection, OptionsError } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { BreakerRegistry, CallContext, CircuitBreakerOptions, Outcome, Verdict } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';

/** Options of the engine by the names that a dialect has for them. */
export type OptionNames = Readonly<Record<string, keyof CircuitBreakerOptions>>;

/** Options of the engine that a document does not have. They keep their names and defaults. */
const FURTHER_OPTIONS = [
  ...['consecutiveFailureThreshold', 'failureRateThreshold', 'slowCallRateThreshold', 'slowCallDuration'],
  ...['minimumCalls', 'window', 'monitoringWindow', 'successThreshold', 'maxConcurrentRequests', 'halfOpen'],
  ...['recovery', 'inFlight', 'responseTimes', 'seed', 'clock', 'backend', 'scope', 'enabled', 'initialMode'],
  ...['rejectionStack', 'isFailure'],
] as const satisfies readonly (keyof CircuitBreakerOptions)[];

/** Options of the engine that a document does not have. */
export type FurtherOptions = Pick<CircuitBreakerOptions, (typeof FURTHER_OPTIONS)[number]>;

/** Names of the options that a document does not have. */
export const FURTHER_NAMES = Object.fromEntries(FURTHER_OPTIONS.map((option) => [option, option])) as OptionNames;

/** Returns a reader of the options of a breaker whose name is an argument of its own, before them. */
export function readNamed(name: unknown, ...inputs: readonly unknown[]): OptionsReader {
  for (const options of inputs) readOptions('Circuit breaker', 'unnamed', options);
  const all = Object.assign({}, ...inputs) as Readonly<Record<string, unknown>>;
  const reader = readOptions('Circuit breaker', 'unnamed', { ...all, name });
  const { name: another = name } = all;
  if (another !== name) reader.report('name', 'conflict', 'given once, before the options');
  return reader;
}

/**
 * Creates the engine of a breaker from options under the names of a dialect.
 *
 * @param fixed options that the dialect does not have, and its defaults.
 * @param registry registry that the engine joins. Default: none.
 * @throws {OptionsError} with every invalid option, under the names of the dialect.
 */
export function createEngine(
  reader: OptionsReader,
  names: OptionNames,
  fixed: CircuitBreakerOptions,
  required: readonly string[] = [],
  registry?: BreakerRegistry,
): Engine {
  const values = Object.entries(names).map(([theirs, ours]) => [ours, reader.value(theirs)] as const);
  const options = Object.fromEntries(values.filter(([, value]) => value !== undefined));
  const name = reader.value('name');
  let engine: Engine | undefined;
  try {
    const all = {
      classify: classifyAsDocumented,
      ...fixed,
      ...options,
      ...(typeof name === 'string' && { name }),
    };
    if (registry === undefined) {
      engine = new Engine(all);
    } else {
      const { name: its = 'default', ...others } = all;
      engine = registry.create(its, others);
    }
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const problems = error.problems.filter(({ option }) => option !== 'name');
    reader.add(problems.map((problem) => ({ ...problem, option: dialectName(names, problem.option) })));
  }
  reader.finish(...required);
  return engine as Engine;
}

/** Classifies an outcome as the documents do: every error is a failure, a 4xx too, and every value a success. */
export function classifyAsDocumented(outcome: Outcome): Verdict {
  if (!('error' in outcome)) return 'success';
  return isRejection(outcome.error) ? undefined : 'failure';
}

/**
 * Returns a function that calls `work` without arguments, as the documents do: the engine would pass a context to a
 * parameter that has a default.
 */
export function withoutArguments<Work>(work: Work): Work {
  return (typeof work === 'function' ? () => (work as () => unknown)() : work) as Work;
}

/** Returns work that receives the context of its call if it has a parameter, and otherwise nothing. */
export function withContext<T>(work: ((context: CallContext) => T) | (() => T)): (context: CallContext) => T {
  return typeof work === 'function' && work.length > 0 ? work : withoutArguments(work);
}

/** Returns the message of an error, or the text of any other value. */
export function messageOf(error: unknown): string {
  // The documents know the message without the numbers.
  if (error instanceof CircuitOpenError && error.message.startsWith('Circuit breaker ')) {
    return error.message.replace(/^(Circuit breaker .*? is (?:OPEN|HALF_OPEN)\b).*$/s, '$1');
  }
  return error instanceof Error ? error.message : String(error);
}

/** Returns how an error shows a value where one of a few words is expected. Other types and addresses may hold a secret. */
export function shownWord(value: unknown): string {
  if (typeof value !== 'string') return value === null ? 'null' : `a value of type ${typeof value}`;
  return /@|:\/\//.test(value) || value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
}

/** Returns the path of an option of the engine under the name of the dialect. */
function dialectName(names: OptionNames, path: string): string {
  const [option, ...inner] = path.split('.');
  const name = Object.keys(names).find((theirs) => names[theirs] === option) ?? option;
  return [name, ...inner].join('.');
}
