import { readOptions } from '../options/options-reader.ts';

/** Facts about the surroundings of a breaker or pipeline, which its options do not contain. */
export interface Facts {
  /** Calls per second through the breaker, in one process. Default: unknown. */
  readonly callsPerSecond?: number | undefined;
  /** Number of processes that have this breaker. Default: unknown. */
  readonly instances?: number | undefined;
  /** HTTP client inside the breaker. May be the options of the client itself: other properties are ignored. */
  readonly client?: ClientFacts | undefined;
}

/** Facts about the client inside a breaker. */
export interface ClientFacts {
  /** Timeout of one attempt, in milliseconds. 0 or undefined: no timeout. */
  readonly timeout?: number | undefined;
  /** Number of retries that the client makes by itself. Default 0. */
  readonly retries?: number | undefined;
}

/** Key of the facts that apply to every breaker and pipeline. */
export const ALL_NAMES = '*';

/**
 * Reads facts by the names of breakers and pipelines. Returns a function that returns the facts of a name.
 *
 * @throws {OptionsError} with all problems of the facts.
 */
export function readFacts(facts: unknown): (name: string) => Facts {
  const byName = new Map(
    Object.entries((facts ?? {}) as object).map(([name, value]) => [name, readFactsOf(name, value)]),
  );
  const common = byName.get(ALL_NAMES);
  return (name) => ({ ...common, ...byName.get(name) });
}

function readFactsOf(name: string, value: unknown): Facts {
  const reader = readOptions('Facts of', name, value);
  const callsPerSecond = reader.number('callsPerSecond', Number.MIN_VALUE, 1e9, 'a number above 0');
  const instances = reader.number('instances', 1, 1e6, 'a whole number from 1 to 1000000', true);
  const client = reader.value('client') as ClientFacts | null | undefined;
  if (client !== undefined && (typeof client !== 'object' || client === null)) {
    reader.report('client', 'type', '{timeout, retries}');
  }
  for (const option of ['timeout', 'retries'] as const) {
    const number: unknown = client?.[option];
    if (number !== undefined && !(typeof number === 'number' && number >= 0)) {
      reader.report(`client.${option}`, 'type', 'a number from 0 on');
    }
  }
  reader.finish();
  const facts = { callsPerSecond, instances, client };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}

/**
 * Returns the milliseconds after which the client has given up all of its attempts. Returns undefined if it never does, or is
 * unknown.
 */
export function clientLimit({ client }: Facts): number | undefined {
  const { timeout = 0, retries = 0 } = client ?? {};
  return timeout > 0 ? timeout * (retries + 1) : undefined;
}
