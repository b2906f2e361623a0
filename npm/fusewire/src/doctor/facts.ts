import { readOptions } from '../options/reader.ts';

/** What no option says: the surroundings of a breaker. */
export interface Facts {
  /** How many calls go through it in a second, in one process. Default: not known. */
  readonly callsPerSecond?: number | undefined;
  /** How many processes have this breaker. Default: not known. */
  readonly instances?: number | undefined;
  /** The client inside of it. The options of an HTTP client can stand here as they are: what else they hold is passed over. */
  readonly client?: ClientFacts | undefined;
}

/** The client inside of a breaker. */
export interface ClientFacts {
  /** Milliseconds that it gives one attempt; 0 or left out for as long as it likes. */
  readonly timeout?: number | undefined;
  /** How often it tries again by itself. Default 0. */
  readonly retries?: number | undefined;
}

/** The key of the facts that hold for every breaker and pipeline. */
export const EVERY = '*';

/**
 * Reads facts by the names of breakers and pipelines.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with them.
 */
export function readFacts(given: unknown): (name: string) => Facts {
  const byName = new Map(Object.entries((given ?? {}) as object).map(([name, facts]) => [name, readOne(name, facts)]));
  const every = byName.get(EVERY);
  return (name) => ({ ...every, ...byName.get(name) });
}

function readOne(name: string, given: unknown): Facts {
  const reader = readOptions('Facts of', name, given);
  const callsPerSecond = reader.number('callsPerSecond', Number.MIN_VALUE, 1e9, 'a number above 0');
  const instances = reader.number('instances', 1, 1e6, 'a whole number from 1 to 1000000', true);
  const client = reader.value('client') as ClientFacts | null | undefined;
  if (client !== undefined && (typeof client !== 'object' || client === null)) {
    reader.report('client', 'type', '{timeout, retries}');
  }
  for (const option of ['timeout', 'retries'] as const) {
    const value: unknown = client?.[option];
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      reader.report(`client.${option}`, 'type', 'a number from 0 on');
    }
  }
  reader.finish();
  const facts = { callsPerSecond, instances, client };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** Milliseconds after which the client has given up for good; undefined where it never does, or nobody knows. */
export function clientLimit({ client }: Facts): number | undefined {
  const { timeout = 0, retries = 0 } = client ?? {};
  return timeout > 0 ? timeout * (retries + 1) : undefined;
}
