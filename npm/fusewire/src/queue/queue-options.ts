import type { OptionsReader } from '../options/options-reader.ts';
import { LONGEST_DURATION } from './consumer-options.ts';

/** Options of every queue. */
export interface QueueOptions {
  /**
   * Most messages in the queue, dead letters included: 1 to 1 000 000 000. Further ones reject with a `QueueFullError`.
   * Processes that share a queue may exceed it by what they add at the same time. It does not hold for messages in a transaction
   * of the program. Default: no limit.
   */
  readonly maxSize?: number | undefined;
  /** Most bytes of a payload, as JSON in UTF-8: 1 to 268 435 456. Larger ones reject with a `RangeError`. Default 1 048 576. */
  readonly maxPayload?: number | undefined;
  /**
   * Milliseconds after which a dead letter is deleted: 1 000 to 31 536 000 000. The consumers of its topic delete it, and emit
   * `expired`. Default: never.
   */
  readonly maxDeadAge?: number | undefined;
}

/** Validated options of a queue. */
export interface QueueLimits {
  readonly maxSize: number;
  readonly maxPayload: number;
  readonly maxDeadAge: number;
}

const MAX_SIZE = 1_000_000_000;
const MAX_PAYLOAD = 268_435_456;
const DEFAULT_PAYLOAD = 1_048_576;
const LEAST_DEAD_AGE = 1_000;

/** Limits of a queue without options. */
export const DEFAULT_LIMITS: QueueLimits = { maxSize: Infinity, maxPayload: DEFAULT_PAYLOAD, maxDeadAge: Infinity };

/** Reads the options that every queue has. */
export function readQueueLimits(reader: OptionsReader): QueueLimits {
  const age = `a number of milliseconds from ${LEAST_DEAD_AGE} to ${LONGEST_DURATION}`;
  return {
    maxSize: reader.number('maxSize', 1, MAX_SIZE, `a whole number from 1 to ${MAX_SIZE}`, true) ?? Infinity,
    maxPayload:
      reader.number('maxPayload', 1, MAX_PAYLOAD, `a whole number of bytes from 1 to ${MAX_PAYLOAD}`, true) ??
      DEFAULT_PAYLOAD,
    maxDeadAge: reader.number('maxDeadAge', LEAST_DEAD_AGE, LONGEST_DURATION, age) ?? Infinity,
  };
}
