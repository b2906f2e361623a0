import { isFailure } from '../../classification/classification.ts';
import { readClassifier } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import { discard } from '../../classification/discard.ts';
import type { ClassificationOptions } from '../../classification/outcome.ts';
import { readPredicateResult } from '../../classification/predicates.ts';
import { isRejection } from '../../errors/rejected-error.ts';
import { firstValueOf } from '../../run/first-value.ts';
import { OBSERVABLE_HANDLINGS, subscribableOf } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import { asPromise, isThenable, Rejection, whenSettled } from '../../run/promises.ts';
import { isValidName } from '../../options/options-reader.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import { PolicyClassifier } from '../policy-classifier.ts';
import type { IsKeyed } from '../call-runner.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { FallbackContext } from './fallback-context.ts';
import { recordFallbackErrors } from './fallback-errors.ts';
import type { FallbackFault } from './fallback-errors.ts';
import { recordSource } from '../../run/answer-source.ts';
import type { AnswerSource } from '../../run/answer-source.ts';
import type { FallbackFunction, FallbackStep, FallbackStrategy } from './fallback-strategy.ts';
import { hasStarted } from '../../run/stream-call.ts';

/** Options of {@link fallback}. */
export interface FallbackOptions<Strategies extends readonly FallbackStep[] = readonly FallbackStep[]>
  extends ObservableOptions, ClassificationOptions {
  /** Name of the policy in errors and stats. Default `'fallback'`. */
  readonly name?: string | undefined;
  /**
   * Strategies, which run in the order of their priority until one returns an answer. A function is a strategy of priority 0
   * with the name of the function, or else its position in the array, from 1.
   */
  readonly strategies: Strategies;
  /**
   * Whether the fallback answers a failure: an error, or a value that counts as one. Synchronous. It narrows what `classify`
   * counts as a failure. Default: every failure, and every rejection by a breaker or a policy. If it throws, there is no answer.
   */
  readonly when?: ((error: unknown, context: FallbackContext) => boolean) | undefined;
}

/** Stats of a fallback. The answers and the failures add up to all calls that have settled. */
export interface FallbackStats {
  readonly name: string;
  /** Number of answers by their source. */
  readonly answers: Readonly<Record<string, number>>;
  /** Calls that ended with their own error, or with a value that counts as a failure. */
  readonly totalFailures: number;
  /** Failures of strategies. */
  readonly totalFaults: number;
  /** Calls of `classify` that threw or returned a wrong value. */
  readonly predicateErrors: number;
}

/** Type of the answers of a strategy. */
export type AnswerOf<Step> = Step extends (...args: never) => infer T
  ? Awaited<T>
  : Step extends FallbackStrategy<infer T>
    ? Awaited<T>
    : never;

/** Whether calls must have the option `key`, because one of these strategies demands it. */
export type KeyedOfSteps<Steps> = true extends (
  Steps extends readonly (infer Step)[]
    ? IsKeyed<Step>
    : Steps extends { readonly strategies: readonly (infer Step)[] }
      ? IsKeyed<Step>
      : false
)
  ? true
  : false;

/** A strategy, with the number of its answers. */
interface CountedStrategy {
  readonly strategy: FallbackStrategy;
  readonly source: AnswerSource;
  answers: number;
}

/**
 * Answers calls that fail.
 *
 * @typeParam Keyed whether each call must have the option `key`.
 */
export class Fallback<T = unknown, Keyed extends boolean = false> extends Policy<T, 'fallback', Keyed> {
  /** @internal */
  readonly kind = 'fallback';
  readonly #strategies: readonly CountedStrategy[];
  readonly #when: FallbackOptions['when'];
  readonly #classifier: PolicyClassifier;
  #callAnswers = 0;
  #totalFailures = 0;
  #totalFaults = 0;

  /** @internal */
  constructor(
    name: string,
    strategies: readonly FallbackStrategy[],
    when: FallbackOptions['when'],
    classifier: Classifier | undefined,
  ) {
    super(name);
    this.#strategies = strategies.map((strategy) => ({
      strategy,
      source: `fallback:${strategy.name}`,
      answers: 0,
    }));
    this.#when = when;
    this.#classifier = new PolicyClassifier(name, classifier);
  }

  /** Returns the current stats. */
  getStats(): FallbackStats {
    const sources = [{ source: 'call', answers: this.#callAnswers }, ...this.#strategies];
    return {
      name: this.name,
      answers: Object.fromEntries(
        sources.filter(({ answers }) => answers > 0).map(({ source, answers }) => [source, answers]),
      ),
      totalFailures: this.#totalFailures,
      totalFaults: this.#totalFaults,
      predicateErrors: this.#classifier.predicateErrors,
    };
  }

  /** @internal */
  run(work: LayerWork, context: LayerContext): Promise<unknown> {
    return whenSettled(
      work(context),
      (value) => this.#onValue(value, context),
      (error) => this.#onError(error, context),
    );
  }

  #onValue(value: unknown, context: LayerContext): unknown {
    if (isFailure(this.#classifier.ofValue(value, context))) {
      return this.#onFailure(new FallbackContext(this.name, { value }, context));
    }
    this.#callAnswers++;
    return value;
  }

  /** An error that is no failure, such as that of a wrong request, must not look like an answer. */
  #onError(error: unknown, context: LayerContext): unknown {
    const failed = new FallbackContext(this.name, { error }, context);
    return this.#isFailure(error, context) && !hasStarted(context) ? this.#onFailure(failed) : this.#giveUp(failed, []);
  }

  #isFailure(error: unknown, context: LayerContext): boolean {
    return isFailure(this.#classifier.ofError(error, context)) || isRejection(error);
  }

  #onFailure(context: FallbackContext): unknown {
    if (this.#when === undefined || context.call.aborted !== undefined) return this.#tryStrategies(0, context, []);
    try {
      if (!readPredicateResult('when', this.#when(context.error, context))) return this.#giveUp(context, []);
    } catch (error) {
      return this.#giveUp(context, [{ strategy: 'when', error }]);
    }
    return this.#tryStrategies(0, context, []);
  }

  /** Runs the strategies from index `first` on until one answers. A call that has been aborted gets no answer. */
  #tryStrategies(first: number, context: FallbackContext, failures: FallbackFault[]): unknown {
    for (let index = first; index < this.#strategies.length && context.call.aborted === undefined; index++) {
      const counted = this.#strategies[index] as CountedStrategy;
      const { strategy } = counted;
      try {
        if (!readPredicateResult('when', strategy.when?.(context.error, context) ?? true)) continue;
        const returned = strategy.execute(context.error, context);
        const answer = this.observables === 'first-value' ? firstValueOf(returned, context) : returned;
        if (mayBeThenable(answer)) return this.#awaitAnswer(asPromise(answer, strategy.name), index, context, failures);
        return this.#answer(counted, answer, context);
      } catch (error) {
        failures.push({ strategy: strategy.name, error });
      }
    }
    return this.#giveUp(context, failures);
  }

  #awaitAnswer(
    answer: Promise<unknown>,
    index: number,
    context: FallbackContext,
    failures: FallbackFault[],
  ): Promise<unknown> {
    const counted = this.#strategies[index] as CountedStrategy;
    return whenSettled(
      answer,
      (value) =>
        context.call.aborted === undefined ? this.#answer(counted, value, context) : this.#giveUp(context, failures),
      (error) => {
        failures.push({ strategy: counted.strategy.name, error });
        return this.#tryStrategies(index + 1, context, failures);
      },
    );
  }

  #answer(counted: CountedStrategy, value: unknown, context: FallbackContext): unknown {
    counted.answers++;
    if (this.listeners !== undefined) {
      this.emit('fallback', { strategy: counted.strategy.name, error: context.error });
    }
    recordSource(context.call, counted.source);
    if ('value' in context.outcome && context.outcome.value !== value) discard(context.outcome.value);
    return value;
  }

  /** Settles the call as it was without a fallback. */
  #giveUp({ outcome, error }: FallbackContext, failures: readonly FallbackFault[]): unknown {
    this.#totalFailures++;
    this.#totalFaults += failures.length;
    if (!('error' in outcome)) return outcome.value;
    recordFallbackErrors(error, failures);
    return new Rejection(error);
  }
}

/**
 * Answers calls that fail by the first strategy that can. A call has failed if its error or value counts as a failure, or if a
 * breaker or a policy has rejected it. Other errors, such as that of a wrong request, reach the caller. If no strategy can
 * answer, the call settles as it did. {@link fallbackErrorsOf} returns the failures of the strategies for its error. A call
 * that its caller has aborted is not answered.
 *
 * ```ts
 * const rates = fallback([alternative('ecb', fetchFromEcb), () => []]);
 * const result = await rates.tryExecute(({ signal }) => fetchRates(signal), { key: 'EUR' });
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function fallback<const Strategies extends readonly FallbackStep[]>(
  options: Strategies | FallbackOptions<Strategies>,
): Fallback<AnswerOf<Strategies[number]>, KeyedOfSteps<Strategies>>;
export function fallback<T>(answer: FallbackFunction<T>): Fallback<Awaited<T>>;
export function fallback(options: FallbackFunction | readonly FallbackStep[] | FallbackOptions): Fallback {
  const isShort = typeof options === 'function' || Array.isArray(options);
  const reader = readPolicyOptions('fallback', isShort ? { strategies: options } : options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const strategies = readStrategies(reader);
  const when = reader.callable('when') as FallbackOptions['when'];
  const classifier = readClassifier(reader);
  return withObservables(new Fallback(reader.finish('strategies'), strategies, when, classifier), observables);
}

/** Returns the strategies, those of the highest priority first. */
function readStrategies(reader: OptionsReader): FallbackStrategy[] {
  const given = reader.value('strategies');
  if (given === undefined) return [];
  const values = typeof given === 'function' ? [given] : given;
  if (!Array.isArray(values)) {
    reader.report('strategies', 'type', 'an array of strategies and functions');
    return [];
  }
  if (values.length === 0) reader.report('strategies', 'range', 'at least one strategy');
  const names = new Set<unknown>();
  const strategies = Array.from(values as unknown[], (value, index) =>
    readStrategy(
      reader,
      typeof value === 'function' ? strategyOf(value as FallbackFunction, index, names) : value,
      index,
      names,
    ),
  ).filter((strategy) => strategy !== undefined);
  return strategies.toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
}

/** Returns the strategy that a function stands for. Its name is the first that is valid and not taken. */
function strategyOf(answer: FallbackFunction, index: number, names: ReadonlySet<unknown>): FallbackStrategy {
  const position = String(index + 1);
  const candidates = [answer.name, position, `${answer.name} ${position}`];
  const name = candidates.find((each) => isValidName(each) && !names.has(each)) ?? position;
  return { name, execute: (error, context) => answer(error, context) };
}

function readStrategy(
  reader: OptionsReader,
  value: unknown,
  index: number,
  names: Set<unknown>,
): FallbackStrategy | undefined {
  const path = `strategies.${index}`;
  if (typeof value !== 'object' || value === null) {
    reader.report(path, 'type', 'a function or a strategy');
    return undefined;
  }
  const { name, priority, when, execute } = value as { [Option in keyof FallbackStrategy]?: unknown };
  if (!isValidName(name)) {
    reader.report(`${path}.name`, typeof name === 'string' ? 'range' : 'type', 'a string of 1 to 200 characters');
  } else if (names.has(name)) reader.report(`${path}.name`, 'conflict', 'a name that no other strategy has');
  names.add(name);
  if (priority !== undefined && !Number.isFinite(priority)) {
    reader.report(`${path}.priority`, typeof priority === 'number' ? 'range' : 'type', 'a finite number');
  }
  if (when !== undefined && typeof when !== 'function') reader.report(`${path}.when`, 'type', 'a function');
  if (typeof execute !== 'function') reader.report(`${path}.execute`, 'type', 'a function');
  return value as FallbackStrategy;
}

/** Whether an answer may be a promise or an Observable. Functions can have a `then`, too. */
function mayBeThenable(answer: unknown): boolean {
  return isThenable(answer) || typeof answer === 'function' || subscribableOf(answer) !== undefined;
}
