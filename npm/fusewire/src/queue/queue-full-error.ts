import { defineErrorClass } from '../errors/error-class.ts';
import { RejectedError } from '../errors/rejected-error.ts';

/** Error of messages that a queue has not added, because it would have more than `maxSize`. */
export class QueueFullError extends RejectedError {
  /** Always `'ERR_QUEUE_FULL'`. */
  readonly code = 'ERR_QUEUE_FULL';
  readonly reason = 'full';
  /** Messages in the queue, dead letters included. Those that other processes have added meanwhile may be missing. */
  readonly size: number;
  readonly maxSize: number;

  constructor(size: number, maxSize: number, added = 1) {
    const more = added === 1 ? '' : `, and ${added} more do not fit`;
    super(`Queue: it is full, with ${size} messages of at most ${maxSize}${more}`, 'queue');
    this.size = size;
    this.maxSize = maxSize;
  }
}

defineErrorClass(QueueFullError, 'QueueFullError', { key: 'fusewire.QueueFullError', code: 'ERR_QUEUE_FULL' });
