import { readPredicateResult } from '../../breaker/classification.ts';
import { asPromise, isThenable, Rejection, whenSettled } from '../../run/promises.ts';
import { isValidName } from '../../breaker/settings.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { Cached, Entry } from './cached/cached.ts';
import { FallbackContext } from './context.ts';
import { attachFaults } from './faults.ts';
import type { FallbackFault } from './faults.ts';
import { recordSource } from '../../run/answer-source.ts';
import type { AnswerSource } from '../../run/answer-source.ts';
import type { FallbackStrategy } from './strategy.ts';

/** What answers in place of calls that fail. */
export interface FallbackOptions<Strategies extends readonly FallbackStrategy[] = readonly FallbackStrategy[]> {
  /** Names the policy in errors and stats. Default `'fallback'`. */
  readonly name?: string | undefined;
  /** Asked in the order of their priority until one has an answer. */
  readonly strategies: Strategies;
  /** Which errors are answered, said at once. Default: all. What it throws keeps the error as it is. */
  readonly when?: ((error: unknown, context: FallbackContext) => boolean) | undefined;
}

/** What a fallback has seen. The answers and the failures are all the calls that have ended. */
export interface FallbackStats {
  readonly name: string;
  /** How many answers came from where. */
  readonly answers: Readonly<Record<string, number>>;
  /** Calls that rejected: nothing had an answer, or nobody waited for one any more. */
  readonly totalFailures: number;
  /** Fallbacks that were asked and failed. */
  readonly totalFaults: number;
}

/** What a strategy can answer. */
export type AnswerOf<Strategy> = Strategy extends FallbackStrategy<infer T> ? Awaited<T> : never;

/** A strategy in its place. */
interface Link {
  readonly strategy: FallbackStrategy;
  readonly source: AnswerSource;
  answers: number;
}

/** Answers in place of calls that fail. */
export class Fallback<T = unknown> extends Policy<T> {
  /** @internal */
  readonly kind = 'fallback';
  readonly #chain: readonly Link[];
  readonly #cache: Cached | undefined;
  readonly #when: FallbackOptions['when'];
  #calls = 0;
  #cached = 0;
  #totalFailures = 0;
  #totalFaults = 0;

  /** @internal */
  constructor(name: string, chain: readonly FallbackStrategy[], when: FallbackOptions['when']) {
    super(name);
    this.#chain = chain.map((strategy) => ({ strategy, source: `fallback:${strategy.name}`, answers: 0 }));
    this.#cache = chain.find((strategy) => strategy instanceof Cached);
    this.#when = when;
  }

  /** Everything that is counted, as of now. */
  getStats(): FallbackStats {
    const own = { source: 'call', answers: this.#calls };
    const sources = [own, { source: 'cache', answers: this.#cached }, ...this.#chain];
    return {
      name: this.name,
      answers: Object.fromEntries(
        sources.filter(({ answers }) => answers > 0).map(({ source, answers }) => [source, answers]),
      ),
      totalFailures: this.#totalFailures,
      totalFaults: this.#totalFaults,
    };
  }

  /** @internal */
  run(work: LayerWork, context: LayerContext): Promise<unknown> {
    const running = this.#cache === undefined ? work(context) : this.#cache.run(work, context);
    if (running instanceof Entry) {
      this.#cached++;
      recordSource(context, 'cache');
      return Promise.resolve(running.value);
    }
    return whenSettled(running, this.#onSuccess, (error) =>
      this.#fallBack(new FallbackContext(this.name, error, context)),
    );
  }

  readonly #onSuccess = (value: unknown): unknown => {
    this.#calls++;
    return value;
  };

  #fallBack(at: FallbackContext): unknown {
    if (this.#when === undefined || at.call.aborted !== undefined) return this.#ask(0, at, []);
    try {
      if (!readPredicateResult('when', this.#when(at.error, at))) return this.#giveUp(at, []);
    } catch (error) {
      return this.#giveUp(at, [{ strategy: 'when', error }]);
    }
    return this.#ask(0, at, []);
  }

  /** Asks one after the other. Nobody waits for an answer to a call that has been aborted. */
  #ask(first: number, at: FallbackContext, faults: FallbackFault[]): unknown {
    for (let place = first; place < this.#chain.length && at.call.aborted === undefined; place++) {
      const link = this.#chain[place] as Link;
      const { strategy } = link;
      try {
        if (!readPredicateResult('canHandle', strategy.canHandle?.(at.error, at) ?? true)) continue;
        const answer = strategy.execute(at.error, at);
        return mayWait(answer) ? this.#await(asPromise(answer), place, at, faults) : this.#answer(link, answer, at);
      } catch (error) {
        faults.push({ strategy: strategy.name, error });
      }
    }
    return this.#giveUp(at, faults);
  }

  #await(answering: Promise<unknown>, place: number, at: FallbackContext, faults: FallbackFault[]): Promise<unknown> {
    const link = this.#chain[place] as Link;
    at.call.trackWork(answering);
    return whenSettled(
      answering,
      (value) => (at.call.aborted === undefined ? this.#answer(link, value, at) : this.#giveUp(at, faults)),
      (error) => {
        faults.push({ strategy: link.strategy.name, error });
        return this.#ask(place + 1, at, faults);
      },
    );
  }

  #answer(link: Link, value: unknown, at: FallbackContext): unknown {
    link.answers++;
    recordSource(at.call, link.source);
    return value;
  }

  #giveUp({ error }: FallbackContext, faults: readonly FallbackFault[]): Rejection {
    this.#totalFailures++;
    this.#totalFaults += faults.length;
    attachFaults(error, faults);
    return new Rejection(error);
  }
}

/**
 * Has calls that fail answered by the first strategy that can. Where none can, the call rejects with its own error, and
 * {@link fallbackErrorsOf} tells what went wrong with the fallbacks. An abort by the caller is answered by nobody.
 *
 * ```ts
 * const rates = fallback([cached({ ttl: 60_000 }), alternative('ecb', fetchFromEcb), degraded([])]);
 * const { value, source } = await rates.executeWithSource(({ signal }) => fetchRates(signal), { key: 'EUR' });
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function fallback<const Strategies extends readonly FallbackStrategy[]>(
  options: Strategies | FallbackOptions<Strategies>,
): Fallback<AnswerOf<Strategies[number]>> {
  const reader = readPolicyOptions('fallback', Array.isArray(options) ? { strategies: options } : options);
  const chain = readChain(reader);
  const when = reader.callable('when') as FallbackOptions['when'];
  return new Fallback(reader.finish('strategies'), chain, when);
}

/** The strategies in the order in which they are asked. */
function readChain(reader: OptionsReader): FallbackStrategy[] {
  const given = reader.value('strategies');
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    reader.report('strategies', 'type', 'an array of strategies');
    return [];
  }
  if (given.length === 0) reader.report('strategies', 'range', 'at least one strategy');
  const names = new Set<unknown>();
  const strategies = Array.from(given as unknown[], (strategy, index) =>
    readStrategy(reader, strategy, `strategies.${index}`, names),
  ).filter((strategy) => strategy !== undefined);
  if (strategies.filter((strategy) => strategy instanceof Cached).length > 1) {
    reader.report('strategies', 'conflict', 'a chain with one cache at most');
  }
  return strategies.toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
}

function readStrategy(
  reader: OptionsReader,
  given: unknown,
  path: string,
  names: Set<unknown>,
): FallbackStrategy | undefined {
  if (typeof given !== 'object' || given === null) {
    reader.report(path, 'type', 'a strategy');
    return undefined;
  }
  const { name, priority, canHandle, execute } = given as { [Option in keyof FallbackStrategy]?: unknown };
  if (!isValidName(name)) {
    reader.report(`${path}.name`, typeof name === 'string' ? 'range' : 'type', 'a string of 1 to 200 characters');
  } else if (names.has(name)) reader.report(`${path}.name`, 'conflict', 'a name that no other strategy has');
  names.add(name);
  if (priority !== undefined && !Number.isFinite(priority)) {
    reader.report(`${path}.priority`, typeof priority === 'number' ? 'range' : 'type', 'a finite number');
  }
  if (canHandle !== undefined && typeof canHandle !== 'function') {
    reader.report(`${path}.canHandle`, 'type', 'a function');
  }
  if (typeof execute !== 'function') reader.report(`${path}.execute`, 'type', 'a function');
  return given as FallbackStrategy;
}

/** Whether `await` might wait for it: functions, too, can have a `then`. */
function mayWait(answer: unknown): boolean {
  return isThenable(answer) || typeof answer === 'function';
}
