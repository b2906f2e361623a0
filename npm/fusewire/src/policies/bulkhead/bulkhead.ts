import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import { withObservables } from '../policy.ts';
import { POLICY } from '../../engine/codes.ts';
import { ConcurrencyLimiter } from '../concurrency/concurrency-limiter.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { createPolicyHandle } from '../policy-handle.ts';

/** Options of {@link bulkhead}. */
export interface BulkheadOptions extends ObservableOptions, ClockOptions {
  /** Name of the policy in errors and stats. Default `'bulkhead'`. */
  readonly name?: string | undefined;
  /** Number of slots, which is the most calls that run at once: 1 to 1 000 000. Default 10. */
  readonly limit?: number | undefined;
  /** Number of calls that may wait for a slot: 0 to 1 000 000. Default 0. */
  readonly queueSize?: number | undefined;
  /**
   * Longest wait of a call in the queue, in milliseconds: 1 to 2 147 483 647. Default: no limit but a timeout policy around it.
   * The `timeout` of a breaker does not limit the wait.
   */
  readonly maxWait?: number | undefined;
  /**
   * Milliseconds after which work loses its slot if its call has ended and the work has not: 1 to 2 147 483 647. A timeout or
   * an abort ends a call early. More work than the limit may then run. Default: work holds its slot until it has settled.
   */
  readonly abandonAfter?: number | undefined;
}

/** Limits how many calls run at once. */
export class Bulkhead extends ConcurrencyLimiter {
  /** @internal */
  readonly kind = 'bulkhead';
}

/**
 * Limits how many calls run at once, so that one slow dependency cannot use up all resources. A number is the limit. Further
 * calls wait in a bounded queue, ordered by `priority` and then by arrival, or reject with a {@link BulkheadFullError}. An
 * aborted call leaves the queue at once. In a full queue, a call of higher priority replaces the newest call of the lowest
 * priority, which rejects. After 16 calls of higher priority one of a lower priority starts, so that none waits for ever.
 *
 * A call holds its slot until its work has settled: a timeout that ends the call does not free the slot, unless
 * `abandonAfter` is set. Put the bulkhead
 * inside the breaker, which does not count its rejections.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function bulkhead(options: number | BulkheadOptions = {}): Bulkhead {
  const reader = readPolicyOptions('bulkhead', typeof options === 'number' ? { limit: options } : options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const maxWait = reader.milliseconds('maxWait');
  const abandonAfter = reader.milliseconds('abandonAfter');
  const handle = createPolicyHandle(reader, POLICY.BULKHEAD);
  return withObservables(new Bulkhead(reader.finish(), handle, maxWait, abandonAfter), observables);
}
