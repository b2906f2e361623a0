import { LONGEST_TIMER } from '../time/timer.ts';
import type { Problem } from '../engine/backend.ts';
import { isValidName, createOptionsError } from '../breaker/settings.ts';
import type { OptionsObject } from '../breaker/settings.ts';

/**
 * Reads options, which may be anything, of what a package around this one offers: the reader collects what is wrong, and
 * its `finish` throws all of it in one {@link BreakerOptionsError} that begins with `subject` and the name.
 *
 * @param subject what has these options, such as `'Queue'`.
 * @param kind its name, unless the option `name` gives another.
 */
export function readOptions(subject: string, kind: string, given: unknown): OptionsReader {
  return new OptionsReader(kind, given, subject);
}

/** Reads the options of a policy. */
export function readPolicyOptions(kind: string, given: unknown): OptionsReader {
  return readOptions('Policy', kind, given);
}

/** Collects what is wrong with the options of one thing, and throws it all at once. */
export class OptionsReader {
  readonly #kind: string;
  readonly #options: OptionsObject;
  readonly #given: unknown;
  readonly #subject: string;
  readonly #known = new Set(['name']);
  readonly #problems: Problem[] = [];

  /** @internal */
  constructor(kind: string, given: unknown, subject: string) {
    this.#kind = kind;
    this.#given = given;
    this.#subject = subject;
    const isObject = Object.prototype.toString.call(given) === '[object Object]';
    this.#options = isObject ? (given as OptionsObject) : {};
    if (!isObject)
      throw createOptionsError(kind, { options: given }, [{ option: 'options', kind: 'type', expected: 'an object' }], subject);
  }

  /** The value of an option, which is thereby known. */
  value(option: string): unknown {
    this.#known.add(option);
    return this.#options[option];
  }

  /** The options that nothing has read so far, for the engine to check. */
  rest(): OptionsObject {
    const rest = Object.entries(this.#options).filter(([option]) => !this.#known.has(option));
    for (const [option] of rest) this.#known.add(option);
    return Object.fromEntries(rest);
  }

  report(option: string, kind: Problem['kind'], expected: string): void {
    this.#problems.push({ option, kind, expected });
  }

  /** A number in a range. */
  number(option: string, least: number, most: number, expected: string, whole = false): number | undefined {
    const value = this.value(option);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') this.report(option, 'type', expected);
    else if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      this.report(option, 'range', expected);
    else return value;
    return undefined;
  }

  /** A time for a timer, in milliseconds. */
  milliseconds(option: string, least = 1): number | undefined {
    return this.number(option, least, LONGEST_TIMER, `a number of milliseconds from ${least} to ${LONGEST_TIMER}`);
  }

  boolean(option: string): boolean | undefined {
    const value = this.value(option);
    if (value === undefined || typeof value === 'boolean') return value;
    this.report(option, 'type', 'true or false');
    return undefined;
  }

  /** One of a few words. */
  oneOf<Word extends string>(option: string, words: readonly Word[]): Word | undefined {
    const value = this.value(option);
    if (value === undefined || words.includes(value as Word)) return value as Word | undefined;
    this.report(option, typeof value === 'string' ? 'range' : 'type', words.map((word) => `'${word}'`).join(' or '));
    return undefined;
  }

  /** A function. */
  callable(option: string): unknown {
    const value = this.value(option);
    if (value === undefined || typeof value === 'function') return value;
    this.report(option, 'type', 'a function');
    return undefined;
  }

  /** Takes over what the engine found wrong. */
  add(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  /** The name. Throws everything that is wrong. `required` options must have been given. */
  finish(...required: string[]): string {
    const { name = this.#kind } = this.#options;
    if (!isValidName(name))
      this.report('name', typeof name === 'string' ? 'range' : 'type', 'a string of 1 to 200 characters');
    for (const option of Object.keys(this.#options)) {
      if (!this.#known.has(option) && this.#options[option] !== undefined) this.report(option, 'unknown', '');
    }
    for (const option of required) {
      if (this.#options[option] === undefined) this.report(option, 'missing', 'given');
    }
    if (this.#problems.length > 0) {
      throw createOptionsError(isValidName(name) ? name : this.#kind, this.#given, this.#problems, this.#subject);
    }
    return name as string;
  }
}
