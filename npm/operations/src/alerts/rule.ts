import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import { SEVERITIES } from '../events/event.ts';
import type { AlertSeverity } from './alert.ts';
import type { BreakerReading } from './reading.ts';

/** Longest duration of an option, in milliseconds: 30 days. */
export const LONGEST_DURATION = 2_592_000_000;

/** Condition that holds, with the numbers behind it. What is not set stays as the last evaluation has found it. */
export interface Finding {
  /** The condition as a sentence. Default at first: the names of the rule and the breaker. */
  readonly summary?: string | undefined;
  readonly observed?: number | undefined;
  readonly threshold?: number | undefined;
}

/** Options that every rule has. */
export interface RuleOptions {
  /** Name in alerts, silences and stats: 1 to 200 characters, unique. */
  readonly name?: string | undefined;
  readonly severity?: AlertSeverity | undefined;
  /** Milliseconds for which the condition must hold before the alert fires: 0 to 2 592 000 000. Default 0. */
  readonly for?: number | undefined;
  /**
   * Shortest time between two announcements that the alert fires, in milliseconds: 0 to 2 592 000 000. Default: the option
   * `coolDown` of `alerts`.
   */
  readonly coolDown?: number | undefined;
  /**
   * Names of the breakers that the rule is for; `*` at the end of a name stands for any further characters. Or a function that
   * decides by the name. Default: all breakers.
   */
  readonly breakers?: string | readonly string[] | ((name: string) => boolean) | undefined;
}

/** Rule that decides about each breaker at each evaluation. */
export interface AlertRule extends RuleOptions {
  readonly name: string;
  /** Milliseconds from 0. Calls that take longer are counted for {@link BreakerReading.slowCalls}. Default: none are. */
  readonly slowerThan?: number | undefined;
  /**
   * Returns whether the condition holds: true, a {@link Finding}, or a value that is false. It must be fast and synchronous. If
   * it throws, the alert stays as it is, and the error is counted and reported.
   */
  readonly when: (reading: BreakerReading) => Finding | boolean | null | undefined;
}

/** Validated rule. */
export interface CheckedRule {
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly holdFor: number;
  readonly coolDown: number | undefined;
  readonly slowerThan: number | undefined;
  readonly isFor: (breaker: string) => boolean;
  readonly when: AlertRule['when'];
}

/** Reads an option that is a duration from 0. */
export function readDuration(reader: OptionsReader, option: string): number | undefined {
  return reader.number(option, 0, LONGEST_DURATION, `a number of milliseconds from 0 to ${LONGEST_DURATION}`);
}

/**
 * Reads a rule.
 *
 * @throws {OptionsError} with every problem.
 */
export function readRule(rule: unknown): CheckedRule {
  const reader = readOptions('Alert rule', 'unnamed', rule);
  const severity = reader.oneOf('severity', SEVERITIES) ?? 'warning';
  const holdFor = readDuration(reader, 'for') ?? 0;
  const coolDown = readDuration(reader, 'coolDown');
  const slowerThan = readDuration(reader, 'slowerThan');
  const isFor = readBreakers(reader);
  const when = reader.callable('when') as AlertRule['when'];
  const name = reader.finish('name', 'when');
  return { name, severity, holdFor, coolDown, slowerThan, isFor, when };
}

function readBreakers(reader: OptionsReader): (breaker: string) => boolean {
  const breakers = reader.value('breakers');
  if (breakers === undefined) return () => true;
  if (typeof breakers === 'function') return (name) => (breakers as (name: string) => unknown)(name) === true;
  const patterns = readPatterns(breakers);
  if (patterns === undefined) reader.report('breakers', 'type', 'a name, an array of names, or a function');
  return matcherOf(patterns ?? []);
}

/** Returns one or several strings as an array, or undefined for anything else. */
export function readPatterns(value: unknown): readonly string[] | undefined {
  const patterns: unknown = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === 'string')) return undefined;
  return patterns as readonly string[];
}

/** Returns a function that decides whether a text is one of `patterns`, or begins like one that ends with `*`. */
export function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  return (text) =>
    patterns.some((pattern) => (pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern));
}
