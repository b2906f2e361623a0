import { OUTCOME } from '../engine/codes.ts';
import { impliedOutcome } from '../errors/error-class.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { isThenable } from '../run/promises.ts';
import { STREAM_END } from '../run/stream-end.ts';
import { FAILURE, IGNORED, MISUSE, SUCCESS, TIMEOUT } from './classification.ts';
import type { Classification } from './classification.ts';
import { classifyErrorByDefault, classifyValueByDefault } from './default-classification.ts';
import type { Judgement, Outcome, ValueClassificationOptions, Verdict } from './outcome.ts';
import { invalidReturnValue, readPredicateResult } from './predicates.ts';

/** Receiver of the faults of functions that classify. */
export interface FaultListener {
  recordFault(kind: 'predicateErrors', message: string, error: unknown): void;
}

/** Classifies outcomes: the functions of a user, or for one call of a pipeline what they have returned. */
export interface Classifier {
  /** Returns how an error counts. Faults go to the listener. */
  ofError(error: unknown, faults: FaultListener): Classification;
  /** Returns how a value counts. Faults go to the listener. */
  ofValue(value: unknown, faults: FaultListener): Classification;
}

type Classify = (outcome: Outcome) => Verdict;
type IsFailure = (value: unknown) => boolean;

/** Classifier of the options `classify` and `isFailure`. The default decides what they leave undecided. */
export class UserClassifier implements Classifier {
  readonly #classify: Classify | undefined;
  readonly #isFailure: IsFailure | undefined;

  constructor(classify: Classify | undefined, isFailure: IsFailure | undefined) {
    this.#classify = classify;
    this.#isFailure = isFailure;
  }

  /** A wrong call is ignored whatever the functions return. */
  ofError(error: unknown, faults: FaultListener): Classification {
    if (this.#classify === undefined) return classifyErrorByDefault(error);
    if (impliedOutcome(error) === 'misuse') return MISUSE;
    try {
      const returned: unknown = this.#classify({ error });
      if (returned === undefined) return classifyErrorByDefault(error);
      return classificationOf(returned, classifyErrorByDefault(error) === TIMEOUT ? TIMEOUT : FAILURE);
    } catch (thrown) {
      faults.recordFault('predicateErrors', 'classify failed, the call counts as a failure', thrown);
      return FAILURE;
    }
  }

  ofValue(value: unknown, faults: FaultListener): Classification {
    if (value === STREAM_END) return SUCCESS;
    let predicate = 'classify';
    try {
      const returned: unknown = this.#classify?.({ value });
      if (returned !== undefined) return classificationOf(returned, FAILURE);
      if (this.#isFailure === undefined) return classifyValueByDefault(value);
      predicate = 'isFailure';
      return readPredicateResult(predicate, this.#isFailure(value)) ? FAILURE : SUCCESS;
    } catch (thrown) {
      faults.recordFault('predicateErrors', `${predicate} failed, the call counts as a failure`, thrown);
      return FAILURE;
    }
  }
}

/**
 * Classifier of one call of a pipeline. It asks the classifier of the pipeline once for each outcome, and returns the same
 * classification to every layer.
 */
export class CallClassifier implements Classifier {
  readonly #classifier: Classifier;
  #outcome: unknown;
  #isError = false;
  #known: Classification | undefined;

  constructor(classifier: Classifier) {
    this.#classifier = classifier;
  }

  ofError(error: unknown, faults: FaultListener): Classification {
    const known = this.#knownFor(error, true);
    return known ?? this.#remember(error, true, this.#classifier.ofError(error, faults));
  }

  ofValue(value: unknown, faults: FaultListener): Classification {
    const known = this.#knownFor(value, false);
    return known ?? this.#remember(value, false, this.#classifier.ofValue(value, faults));
  }

  /** Forgets the last outcome, because another attempt starts, which may end with the same error or value. */
  forget(): void {
    this.#known = this.#outcome = undefined;
  }

  #knownFor(outcome: unknown, isError: boolean): Classification | undefined {
    return this.#isError === isError && Object.is(this.#outcome, outcome) ? this.#known : undefined;
  }

  #remember(outcome: unknown, isError: boolean, classification: Classification): Classification {
    this.#outcome = outcome;
    this.#isError = isError;
    return (this.#known = classification);
  }
}

/** Returns how an error counts by a classifier, or by default. */
export function classifyError(
  classifier: Classifier | undefined,
  error: unknown,
  faults: FaultListener,
): Classification {
  return classifier === undefined ? classifyErrorByDefault(error) : classifier.ofError(error, faults);
}

/** Returns how a value counts by a classifier, or by default. */
export function classifyValue(
  classifier: Classifier | undefined,
  value: unknown,
  faults: FaultListener,
): Classification {
  return classifier === undefined ? classifyValueByDefault(value) : classifier.ofValue(value, faults);
}

/** Returns the classifier of options; undefined if they leave everything to the default. */
export function classifierOf({ classify, isFailure }: ValueClassificationOptions): Classifier | undefined {
  return (classify ?? isFailure) === undefined ? undefined : new UserClassifier(classify, isFailure);
}

/** Reads the options `classify` and `isFailure`. */
export function readValueClassifier(reader: OptionsReader): Classifier | undefined {
  return classifierOf({
    classify: reader.callable('classify') as Classify | undefined,
    isFailure: reader.callable('isFailure') as IsFailure | undefined,
  });
}

/** Reads the option `classify`. */
export function readClassifier(reader: OptionsReader): Classifier | undefined {
  return classifierOf({ classify: reader.callable('classify') as Classify | undefined });
}

const EXPECTED =
  "'success', 'failure', 'ignore', undefined, or an object with verdict, openFor, retry, retryAfter or outcomeUnknown of their types";

/** Returns the classification for what a function returned. @param failure the classification of a plain failure. */
function classificationOf(returned: unknown, failure: Classification): Classification {
  const verdict = plainClassification(returned, failure);
  if (verdict !== undefined) return verdict;
  if (!isJudgement(returned)) throw invalidReturnValue('classify', returned, EXPECTED);
  const { verdict: word = 'failure', openFor = 0, retry, retryAfter, outcomeUnknown } = returned;
  const { code } = plainClassification(word, failure) as Classification;
  return { code: openFor > 0 ? OUTCOME.FAILURE : code, openFor, retry, retryAfter, outcomeUnknown };
}

function plainClassification(verdict: unknown, failure: Classification): Classification | undefined {
  switch (verdict) {
    case 'success':
      return SUCCESS;
    case 'failure':
      return failure;
    case 'ignore':
      return IGNORED;
    default:
      return undefined;
  }
}

function isJudgement(returned: unknown): returned is Judgement {
  if (typeof returned !== 'object' || returned === null || isThenable(returned)) return false;
  const { verdict, openFor, retry, retryAfter, outcomeUnknown } = returned as Readonly<Record<string, unknown>>;
  const isKnown = verdict === undefined || plainClassification(verdict, FAILURE) !== undefined;
  const opens = openFor === undefined || (isDuration(openFor) && openFor > 0 && (verdict ?? 'failure') === 'failure');
  const waits = retryAfter === undefined || isDuration(retryAfter);
  const isEmpty = [verdict, openFor, retry, retryAfter, outcomeUnknown].every((property) => property === undefined);
  return isKnown && opens && waits && [retry, outcomeUnknown].every(isOptionalBoolean) && !isEmpty;
}

function isOptionalBoolean(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}
