import { POLICY } from '../../engine/codes.ts';
import { Limiter } from './limiter.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { partOf } from '../policy-handle.ts';

/** How many calls may be under way. */
export interface BulkheadOptions {
  /** Names the policy in errors and stats. Default `'bulkhead'`. */
  readonly name?: string | undefined;
  /** How many calls may be under way: 1 to 1 000 000. Default 10. */
  readonly limit?: number | undefined;
  /** How many calls may wait for a place: 0 to 1 000 000. Default 0. */
  readonly queueSize?: number | undefined;
  /** How long each may wait, in milliseconds: 1 to 2 147 483 647. Default: as long as it takes. */
  readonly queueTimeout?: number | undefined;
}

/** Lets only so many calls be under way at once. */
export class Bulkhead extends Limiter {
  /** @internal */
  readonly kind = 'bulkhead';
}

/**
 * Lets only so many calls be under way at once, so that one dependency cannot take all there is; more wait in a bounded
 * queue, by the `priority` of the call and within one in the order in which they came, or are rejected with a
 * {@link BulkheadFullError}. A call that is aborted leaves the queue at once.
 *
 * A place is held until the work has really ended: a timeout that ends the call does not free it. Put it inside of the
 * breaker, which does not count its rejections.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function bulkhead(options: BulkheadOptions = {}): Bulkhead {
  const reader = readPolicyOptions('bulkhead', options);
  const queueTimeout = reader.milliseconds('queueTimeout');
  const part = partOf(reader, POLICY.BULKHEAD);
  return new Bulkhead(reader.finish(), part, queueTimeout);
}
