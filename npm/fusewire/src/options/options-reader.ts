import { reportFault } from '../logging.ts';
import type { Clock } from '../time/clock.ts';
import { timeSourceOf } from '../time/time-source.ts';
import type { TimeSource } from '../time/time-source.ts';
import { LONGEST_TIMER } from '../time/timer.ts';
import type { Problem } from '../engine/backend.ts';
import { createOptionsError } from './options-error.ts';
import type { OptionsError } from '../errors/options-error.ts';
import { isPlainObject } from './plain-data.ts';
import type { OptionsObject } from './plain-data.ts';
import { suggestPath } from './suggestion.ts';

const MAX_NAME_LENGTH = 200;
/** Further unknown options get no suggestion, so that the time for one error is bounded. */
const MAX_SUGGESTIONS = 20;

/**
 * Returns a reader for options that may hold anything, such as those of a package that extends this one. The reader collects
 * every problem. Its `finish` throws them all in one {@link OptionsError}, whose message begins with `subject` and
 * the name.
 *
 * @param subject the kind of thing that has these options, such as `'Queue'`.
 * @param kind the name to use if the option `name` is not set.
 * @throws {OptionsError} if `options` is not an object.
 */
export function readOptions(subject: string, kind: string, options: unknown): OptionsReader {
  return new OptionsReader(kind, options, subject);
}

/** Returns a reader for the options of a policy. */
export function readPolicyOptions(kind: string, options: unknown): OptionsReader {
  return readOptions('Policy', kind, options);
}

/** Returns an object as it is, and throws an options error for anything else. */
export function requireObject(subject: string, name: string, value: unknown, option = 'options'): OptionsObject {
  if (isPlainObject(value)) return value;
  throw createOptionsError(subject, name, { [option]: value }, [{ option, kind: 'type', expected: 'an object' }]);
}

/** Whether a breaker or a policy can have this name. */
export function isValidName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME_LENGTH;
}

/** Collects the problems of one set of options, and throws them all at once. */
export class OptionsReader {
  readonly #kind: string;
  readonly #options: OptionsObject;
  readonly #subject: string;
  /** Values for the error message, by their paths. */
  #shown: object;
  readonly #hasName: boolean;
  /** Options that somebody has read. */
  readonly #known = new Set<string>();
  /** Options that were returned by {@link rest}, known or not. */
  readonly #passedOn = new Set<string>();
  /** Paths to suggest for a misspelt option, besides those in `#known`. */
  readonly #suggestions: Iterable<string>[] = [];
  readonly #nested = new Map<string, OptionsReader>();
  readonly #problems: Problem[] = [];
  #time: TimeSource | undefined;

  /** @internal */
  constructor(kind: string, options: unknown, subject: string, hasName = true) {
    this.#options = requireObject(subject, kind, options);
    this.#shown = this.#options;
    this.#kind = kind;
    this.#subject = subject;
    this.#hasName = hasName;
    if (hasName) this.#known.add('name');
  }

  /** Returns the value of an option as it is, and marks the option as known. */
  value(option: string): unknown {
    this.#known.add(option);
    return this.#options[option];
  }

  /** Returns the options that nothing has read so far, for the engine to check. */
  rest(): OptionsObject {
    const rest = this.#unread();
    for (const [option] of rest) this.#passedOn.add(option);
    return Object.fromEntries(rest);
  }

  /**
   * Records a problem.
   *
   * @param option the path of the option, such as `window.size`.
   * @param kind the kind of problem; of a wrong `type` or `range`, the message shows the value.
   * @param expected the accepted values, as the end of a sentence: `'a number from 1 to 10'`.
   */
  report(option: string, kind: Problem['kind'], expected: string): void {
    this.#problems.push({ option, kind, expected });
  }

  /**
   * Returns a number from `least` to `most`.
   *
   * @param expected the accepted values, as the message of a problem names them.
   * @param whole whether only whole numbers are accepted.
   */
  number(option: string, least: number, most: number, expected: string, whole = false): number | undefined {
    const value = this.value(option);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') this.report(option, 'type', expected);
    else if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      this.report(option, 'range', expected);
    else return value;
    return undefined;
  }

  /**
   * Returns a duration that a timer can wait, in milliseconds.
   *
   * @param least the shortest duration that is accepted.
   */
  milliseconds(option: string, least = 1): number | undefined {
    return this.number(option, least, LONGEST_TIMER, `a number of milliseconds from ${least} to ${LONGEST_TIMER}`);
  }

  /** Returns true or false. */
  boolean(option: string): boolean | undefined {
    const value = this.value(option);
    if (value === undefined || typeof value === 'boolean') return value;
    this.report(option, 'type', 'true or false');
    return undefined;
  }

  /**
   * Returns one of `words`.
   *
   * @param words the accepted values, which the message of a problem lists.
   */
  oneOf<Word extends string>(option: string, words: readonly Word[]): Word | undefined {
    const value = this.value(option);
    if (value === undefined || words.includes(value as Word)) return value as Word | undefined;
    this.report(option, typeof value === 'string' ? 'range' : 'type', words.map((word) => `'${word}'`).join(' or '));
    return undefined;
  }

  /** Returns a function. */
  callable(option: string): unknown {
    const value = this.value(option);
    if (value === undefined || typeof value === 'function') return value;
    this.report(option, 'type', 'a function');
    return undefined;
  }

  /** Returns the time of the option `clock`, or the default time without one. @internal */
  time(): TimeSource {
    if (this.#time !== undefined) return this.#time;
    const clock = this.callable('clock') as Clock | undefined;
    let isReported = false;
    this.#time = timeSourceOf(clock, (error) => {
      if (!isReported) reportFault(undefined, `${this.#subject} ${this.name()}: the clock failed`, error);
      isReported = true;
    });
    return this.#time;
  }

  /** Returns an option that is an object, or an empty object if it is not set. @internal */
  object(option: string): OptionsObject {
    const value = this.value(option);
    if (isPlainObject(value)) return value;
    if (value !== undefined) this.report(option, 'type', 'an object');
    return {};
  }

  /** Returns a reader for an option that is an object, or for an empty object if it is not set. @internal */
  nested(option: string): OptionsReader {
    const nested = new OptionsReader(this.#kind, this.object(option), this.#subject, false);
    this.#nested.set(option, nested);
    return nested;
  }

  /** Adds problems that the engine or another reader has found. */
  add(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  /** Lets the error message show other values besides those of the options. @internal */
  show(values: object): void {
    this.#shown = { ...this.#shown, ...values };
  }

  /** Adds paths to suggest for a misspelt option: those of the options that the engine checks. @internal */
  suggest(paths: Iterable<string>): void {
    this.#suggestions.push(paths);
  }

  /** Returns the option `name`, or `kind` if it is not set or not valid. The latter is a problem. @internal */
  name(): string {
    const name = this.#hasName ? this.#options['name'] : undefined;
    if (name === undefined) return this.#kind;
    if (isValidName(name)) return name;
    const kind = typeof name === 'string' ? 'range' : 'type';
    this.report('name', kind, `a string of 1 to ${MAX_NAME_LENGTH} characters`);
    return this.#kind;
  }

  /** Returns every problem so far, each unknown option with the one that it resembles. @internal */
  problems(): readonly Problem[] {
    let suggested = 0;
    return this.#problems.map((problem) => {
      if (problem.kind !== 'unknown' || problem.expected !== '' || suggested++ >= MAX_SUGGESTIONS) return problem;
      const path = suggestPath(problem.option, [...this.#known, ...this.#suggestions.flatMap((paths) => [...paths])]);
      return path === undefined ? problem : { ...problem, expected: path.slice(path.lastIndexOf('.') + 1) };
    });
  }

  /** Creates the error that lists every problem so far. @internal */
  error(name: string): OptionsError {
    return createOptionsError(this.#subject, name, this.#shown, this.problems());
  }

  /**
   * Returns the name.
   *
   * @param required options that must be set.
   * @throws {OptionsError} with every problem, unknown options included.
   */
  finish(...required: string[]): string {
    const name = this.name();
    this.#reportUnknown();
    for (const option of required) {
      if (this.#options[option] === undefined) this.report(option, 'missing', 'given');
    }
    if (this.#problems.length > 0) throw this.error(name);
    return name;
  }

  #reportUnknown(): void {
    for (const [option, value] of this.#unread()) if (value !== undefined) this.report(option, 'unknown', '');
    for (const [parent, nested] of this.#nested) {
      nested.#reportUnknown();
      this.add(nested.problems().map((problem) => ({ ...problem, option: `${parent}.${problem.option}` })));
    }
  }

  #unread(): [option: string, value: unknown][] {
    return Object.entries(this.#options).filter(([option]) => !this.#known.has(option) && !this.#passedOn.has(option));
  }
}
