import { timeout as timeoutPolicy } from 'fusewire';
import type { CircuitBreaker, Clock, Timeout } from 'fusewire';
import type { QueueSize } from 'fusewire/queue';
import { errorClass } from '../error-class.ts';
import { redactText } from '../redaction.ts';
import { usableBreakers } from '../sources.ts';
import type { BreakerSource } from '../sources.ts';
import { SHARES } from './score.ts';
import type { HealthPart } from './score.ts';

/** Result of a check: false is `'DOWN'`, and true or nothing is `'UP'`. */
export type CheckResult =
  boolean | void | { readonly state: 'UP' | 'DEGRADED' | 'DOWN'; readonly detail?: string | null | undefined };

/** Check of something that is no breaker: a connection, a rate limit. If it throws or takes too long, it is `'DOWN'`. */
export type HealthCheck = (context: { readonly signal: AbortSignal }) => CheckResult | Promise<CheckResult>;

/** Queue as far as its health depends on it. Every queue of fusewire is one. */
export interface SizedQueue {
  size(): Promise<QueueSize>;
}

/** Weights of the parts, by their names. */
export interface Weighing {
  weightOf(name: string): number;
  isCritical(name: string): boolean;
}

/** Limits above which a queue counts as degraded. */
export interface QueueLimits {
  readonly deadLetters: number;
  readonly oldestAge: number;
}

/** Returns the parts of the breakers of a source, in its order. */
export function breakerParts(source: BreakerSource, weighing: Weighing): HealthPart[] {
  return usableBreakers(source).map(([name, breaker]) => breakerPart(name, breaker, weighing));
}

function breakerPart(name: string, breaker: CircuitBreaker, weighing: Weighing): HealthPart {
  const { state, override } = breaker;
  const retryAfter = state === 'CLOSED' ? null : breaker.explain().retryAfter;
  const detail = override === 'NONE' ? null : `an operator has set ${override}`;
  return partOf('breaker', name, state, weighing, detail, retryAfter);
}

/** Reads queues and checks within a time limit each. A read that fails or hangs is a part that is down. */
export class PartReader {
  readonly #weighing: Weighing;
  readonly #limits: QueueLimits;
  readonly #limit: Timeout;

  constructor(weighing: Weighing, limits: QueueLimits, timeout: number, clock: Clock | undefined) {
    this.#weighing = weighing;
    this.#limits = limits;
    this.#limit = timeoutPolicy({ name: 'health', timeout, ...(clock !== undefined && { clock }) });
  }

  /** Returns the part of a queue. */
  async queue(name: string, queue: SizedQueue): Promise<HealthPart> {
    try {
      const { dead, oldestAge } = await this.#limit.execute(() => queue.size());
      const { deadLetters, oldestAge: oldest } = this.#limits;
      if (dead >= deadLetters) return this.#part('queue', name, 'DEGRADED', `${dead} dead letters`);
      if (oldestAge !== null && oldestAge > oldest)
        return this.#part('queue', name, 'DEGRADED', `the oldest message waits since ${Math.round(oldestAge)} ms`);
      return this.#part('queue', name, 'UP');
    } catch (error) {
      return this.#part('queue', name, 'DOWN', errorClass(error));
    }
  }

  /** Returns the part of a check. */
  async check(name: string, check: HealthCheck): Promise<HealthPart> {
    try {
      const result = await this.#limit.execute<CheckResult>(({ signal }) => check({ signal }));
      if (typeof result !== 'object' || result === null)
        return this.#part('check', name, result === false ? 'DOWN' : 'UP');
      const state = result.state in CHECK_STATES ? result.state : 'DOWN';
      return this.#part(
        'check',
        name,
        state,
        typeof result.detail === 'string' ? redactText(result.detail, 500) : null,
      );
    } catch (error) {
      return this.#part('check', name, 'DOWN', errorClass(error));
    }
  }

  #part(kind: HealthPart['kind'], name: string, state: HealthPart['state'], detail: string | null = null): HealthPart {
    return partOf(kind, name, state, this.#weighing, detail, null);
  }
}

const CHECK_STATES = { UP: true, DEGRADED: true, DOWN: true };

function partOf(
  kind: HealthPart['kind'],
  name: string,
  state: HealthPart['state'],
  weighing: Weighing,
  detail: string | null,
  retryAfter: number | null,
): HealthPart {
  const [weight, critical] = [weighing.weightOf(name), weighing.isCritical(name)];
  return { kind, name, state, share: SHARES[state], weight, critical, detail, retryAfter };
}
