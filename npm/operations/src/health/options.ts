import { readOptions } from 'fusewire/kit';
import type { Clock } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { isBreakerSource, joinSources } from '../sources.ts';
import type { BreakerSource } from '../sources.ts';
import type { HealthCheck, QueueLimits, SizedQueue, Weighing } from './parts.ts';
import { THRESHOLDS } from './score.ts';
import type { HealthThresholds } from './score.ts';

/** Options of {@link health}. */
export interface HealthOptions {
  /** Breakers: a registry, a `Map`, or several of them. */
  readonly registry: BreakerSource | readonly BreakerSource[];
  /** Queues by their names. A queue whose store fails is down; one with dead letters is degraded. */
  readonly queues?: Readonly<Record<string, SizedQueue>> | undefined;
  /** Checks of anything else, by their names. */
  readonly checks?: Readonly<Record<string, HealthCheck>> | undefined;
  /** Weights of breakers, queues and checks by their names: 0 to 1 000 000. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Weight of those that `weights` does not name. Default 1. */
  readonly defaultWeight?: number | undefined;
  /** Names of the parts without which nothing works. */
  readonly critical?: readonly string[] | undefined;
  /** Least score of `'ok'`: 1 to 100. Default 70. */
  readonly okFrom?: number | undefined;
  /** Least score of `'degraded'`: 1 to `okFrom`. Default 30. */
  readonly degradedFrom?: number | undefined;
  /** Number of dead letters from which a queue is degraded. Default 1. */
  readonly deadLetters?: number | undefined;
  /** Age of the oldest message, in milliseconds, above which a queue is degraded. Default: no limit. */
  readonly oldestAge?: number | undefined;
  /** Milliseconds after which a check or a queue that has not answered is down. Default 2 000. */
  readonly timeout?: number | undefined;
  /**
   * Names of the parts that must not be down for the program to be ready. A breaker that does not exist counts as down, so
   * create it at the start. Default: none.
   */
  readonly readyRequires?: readonly string[] | undefined;
  /** Names of the checks that must not be down for the program to be live. Default: none. */
  readonly liveRequires?: readonly string[] | undefined;
  /** Clock of `timeout`. Default: that of the runtime. */
  readonly clock?: Clock | undefined;
}

/** Options that have been read. */
export interface HealthSettings {
  readonly source: BreakerSource;
  readonly queues: ReadonlyMap<string, SizedQueue>;
  readonly checks: ReadonlyMap<string, HealthCheck>;
  readonly weighing: Weighing;
  readonly thresholds: HealthThresholds;
  readonly limits: QueueLimits;
  readonly timeout: number;
  readonly readyRequires: readonly string[];
  readonly liveRequires: readonly string[];
  readonly clock: Clock | undefined;
}

const LARGEST_WEIGHT = 1_000_000;
const WEIGHT = `a number from 0 to ${LARGEST_WEIGHT}`;

/** Reads the options of `health`. Throws one error with every problem. */
export function readHealthOptions(options: unknown): HealthSettings {
  const reader = readOptions('Health', 'health', options);
  const source = readSource(reader, 'registry');
  const queues = readRecord(reader, 'queues', isSizedQueue, 'queues');
  const checks = readRecord(reader, 'checks', isFunction<HealthCheck>, 'functions');
  if ([...checks.keys()].some((name) => queues.has(name))) {
    reader.report('checks', 'conflict', 'other names than the queues have');
  }
  const weights = readRecord(reader, 'weights', isWeight, `numbers from 0 to ${LARGEST_WEIGHT}`);
  const defaultWeight = reader.number('defaultWeight', 0, LARGEST_WEIGHT, WEIGHT) ?? 1;
  const critical = new Set(readNames(reader, 'critical'));
  const okFrom = reader.number('okFrom', 1, 100, 'a number from 1 to 100') ?? THRESHOLDS.okFrom;
  const degraded = reader.number('degradedFrom', 1, okFrom, `a number from 1 to okFrom, which is ${okFrom}`);
  const deadLetters = reader.number('deadLetters', 1, 1e9, 'a whole number from 1 to 1000000000', true) ?? 1;
  const oldestAge = reader.milliseconds('oldestAge') ?? Number.POSITIVE_INFINITY;
  const timeout = reader.milliseconds('timeout') ?? 2_000;
  const readyRequires = readNames(reader, 'readyRequires');
  const liveRequires = readNames(reader, 'liveRequires');
  if (!liveRequires.every((name) => checks.has(name))) {
    reader.report('liveRequires', 'conflict', 'names of checks: a circuit or a queue must not restart the program');
  }
  const clock = reader.callable('clock') as Clock | undefined;
  reader.finish('registry');
  return {
    source,
    queues,
    checks,
    weighing: { weightOf: (name) => weights.get(name) ?? defaultWeight, isCritical: (name) => critical.has(name) },
    thresholds: { okFrom, degradedFrom: degraded ?? Math.min(THRESHOLDS.degradedFrom, okFrom) },
    limits: { deadLetters, oldestAge },
    timeout,
    readyRequires,
    liveRequires,
    clock,
  };
}

/** Reads an option that is a source of breakers, or several. */
export function readSource(reader: OptionsReader, option: string): BreakerSource {
  const value = reader.value(option);
  if (isBreakerSource(value) && !Array.isArray(value)) return value;
  if (Array.isArray(value) && value.every(isBreakerSource)) return joinSources(value);
  if (value !== undefined) reader.report(option, 'type', 'a BreakerRegistry, a Map of breakers, or a list of them');
  return new Map();
}

/** Reads an option that is an object whose values are of one kind. */
export function readRecord<Value>(
  reader: OptionsReader,
  option: string,
  accepts: (value: unknown) => value is Value,
  expected: string,
): ReadonlyMap<string, Value> {
  const value = reader.value(option);
  if (value === undefined) return new Map();
  if (Object.prototype.toString.call(value) === '[object Object]') {
    const entries = Object.entries(value as object) as [string, unknown][];
    if (entries.every((entry): entry is [string, Value] => accepts(entry[1]))) return new Map(entries);
  }
  reader.report(option, 'type', `an object with ${expected}`);
  return new Map();
}

/** Reads an option that is a list of names. */
export function readNames(reader: OptionsReader, option: string): readonly string[] {
  const value = reader.value(option);
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')) return value as string[];
  reader.report(option, 'type', 'a list of names');
  return [];
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LARGEST_WEIGHT;
}

function isSizedQueue(value: unknown): value is SizedQueue {
  return typeof (value as Partial<SizedQueue> | null | undefined)?.size === 'function';
}

/** Whether a value is a function. */
export function isFunction<T>(value: unknown): value is T {
  return typeof value === 'function';
}
