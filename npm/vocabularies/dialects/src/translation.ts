import { CircuitBreaker as Engine, isBreakerOptionsError, readOptions } from 'fusewire';
import type { CircuitBreakerOptions, OptionsReader } from 'fusewire';

/** A dialect's words for the options of the engine. */
export type Words = Readonly<Record<string, keyof CircuitBreakerOptions>>;

/** Reads the options of a breaker whose name is given before them. */
export function readNamed(name: unknown, ...given: readonly unknown[]): OptionsReader {
  for (const options of given) readOptions('Circuit breaker', 'unnamed', options);
  const all = Object.assign({}, ...given) as Readonly<Record<string, unknown>>;
  const reader = readOptions('Circuit breaker', 'unnamed', { ...all, name });
  const { name: another = name } = all;
  if (another !== name) reader.report('name', 'conflict', 'given once, before the options');
  return reader;
}

/**
 * Makes the engine's breaker of options in a dialect's words.
 *
 * @param fixed what the engine is to do and the dialect has no word for, and the dialect's defaults.
 * @throws {BreakerOptionsError} with everything that is wrong, in the dialect's words.
 */
export function makeEngine(
  reader: OptionsReader,
  words: Words,
  fixed: CircuitBreakerOptions,
  required: readonly string[] = [],
): Engine {
  const given = Object.entries(words).map(([theirs, ours]) => [ours, reader.value(theirs)] as const);
  const options = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const name = reader.value('name');
  let engine: Engine | undefined;
  try {
    engine = new Engine({ ...fixed, ...options, ...(typeof name === 'string' && { name }) });
  } catch (error) {
    if (!isBreakerOptionsError(error)) throw error;
    const problems = error.problems.filter(({ option }) => option !== 'name');
    reader.add(problems.map((problem) => ({ ...problem, option: inWords(words, problem.option) })));
  }
  reader.finish(...required);
  return engine as Engine;
}

/** The documents call the work of a call with nothing: what has parameters of its own keeps their defaults. */
export function asWritten<Work>(work: Work): Work {
  return (typeof work === 'function' ? () => (work as () => unknown)() : work) as Work;
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function inWords(words: Words, path: string): string {
  const [option, ...inner] = path.split('.');
  const word = Object.keys(words).find((theirs) => words[theirs] === option) ?? option;
  return [word, ...inner].join('.');
}
