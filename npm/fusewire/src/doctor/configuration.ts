import type { Explanation } from '../breaker/explanation.ts';
import type { CircuitBreakerOptions, OpenTime } from '../breaker/options.ts';
import type { Window } from '../breaker/window.ts';
import type { Facts } from './facts.ts';

/** Everything that the rules check together. */
export interface Configuration {
  readonly breakers: readonly BreakerConfiguration[];
  readonly pipelines: readonly PipelineConfiguration[];
}

/** A breaker as the rules read it. */
export interface BreakerConfiguration {
  readonly name: string;
  /** Options as the program passed them. */
  readonly options: CircuitBreakerOptions;
  /** Settings that the engine derived from the options. */
  readonly explanation: Explanation;
  /** Limit for the duration of a call, in milliseconds; undefined if there is none. */
  readonly timeout: number | undefined;
  readonly window: Window;
  readonly openTime: OpenTime;
  readonly facts: Facts;
}

/** A pipeline as the rules read it. */
export interface PipelineConfiguration {
  readonly name: string;
  /** Layers, the outermost first. */
  readonly layers: readonly LayerConfiguration[];
  readonly facts: Facts;
}

/** One layer of a pipeline. */
export interface LayerConfiguration {
  readonly kind: string;
  readonly name: string;
  /** Milliseconds, of a timeout and of a breaker that has one. */
  readonly timeout?: number | undefined;
  /** Largest number of attempts, of a retry. */
  readonly attempts?: number | undefined;
}

/** Returns the open time of a breaker with these options. A number becomes an object with this number as `initial`. */
export function openTimeOf({ resetTimeout, retryDelay }: CircuitBreakerOptions): OpenTime {
  if (typeof resetTimeout === 'object') return resetTimeout;
  return { initial: resetTimeout ?? retryDelay };
}

/** Returns how many calls the window holds at the traffic of the facts, or undefined if that traffic is unknown. */
export function callsInWindow({ window, facts }: BreakerConfiguration): number | undefined {
  if (window.type === 'count') return window.size;
  const { callsPerSecond } = facts;
  return callsPerSecond === undefined ? undefined : (callsPerSecond * window.duration) / 1_000;
}
