import type { Explanation } from '../breaker/explanation.ts';
import type { CircuitBreakerOptions, CountWindow, OpenTime, TimeWindow } from '../breaker/options.ts';
import type { Facts } from './facts.ts';

/** A breaker as the rules see it. */
export interface BreakerCase {
  readonly name: string;
  /** As they were given. */
  readonly options: CircuitBreakerOptions;
  /** What the engine made of them. */
  readonly explanation: Explanation;
  /** Milliseconds that a call may take; undefined for as long as it likes. */
  readonly timeout: number | undefined;
  readonly window: Window;
  readonly openTime: OpenTime;
  /** What is known of its surroundings. */
  readonly facts: Facts;
}

/** A pipeline as the rules see it. */
export interface PipelineCase {
  readonly name: string;
  /** The outermost first. */
  readonly layers: readonly LayerCase[];
  readonly facts: Facts;
}

/** One layer of a pipeline. */
export interface LayerCase {
  readonly kind: string;
  readonly name: string;
  /** Milliseconds, of a timeout and of a breaker that has one. */
  readonly timeout?: number | undefined;
  /** Of a retry. */
  readonly attempts?: number | undefined;
}

/** Everything that is looked at together. */
export interface Configuration {
  readonly breakers: readonly BreakerCase[];
  readonly pipelines: readonly PipelineCase[];
}

/** A window with everything in it. */
export type Window =
  { readonly type: 'time'; readonly duration: number } | { readonly type: 'count'; readonly size: number };

const DEFAULT_DURATION = 60_000;
const DEFAULT_SIZE = 100;

/** The window that options ask for. */
export function windowOf(options: CircuitBreakerOptions): Window {
  const { window, monitoringWindow, monitoringPeriod } = options;
  if (window?.type === 'count') return { type: 'count', size: (window satisfies CountWindow).size ?? DEFAULT_SIZE };
  const { duration } = (window ?? {}) as Partial<TimeWindow>;
  return { type: 'time', duration: duration ?? monitoringWindow ?? monitoringPeriod ?? DEFAULT_DURATION };
}

/** The open time that options ask for, as the object that a number is short for. */
export function openTimeOf({ resetTimeout, retryDelay }: CircuitBreakerOptions): OpenTime {
  if (typeof resetTimeout === 'object') return resetTimeout;
  return { initial: resetTimeout ?? retryDelay };
}

/** How many calls the window holds at this traffic; undefined where that is not known. */
export function callsInWindow({ window, facts }: BreakerCase): number | undefined {
  if (window.type === 'count') return window.size;
  const { callsPerSecond } = facts;
  return callsPerSecond === undefined ? undefined : (callsPerSecond * window.duration) / 1_000;
}
