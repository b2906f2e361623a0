/** A queue, and what became of each of its messages. */
import type { Lease, Queue, QueueMessage, QueueReceipt } from 'fusewire';
import { sum } from './sums.ts';
import type { Sum } from './sums.ts';

/** How many messages of those that were given up are looked at in one go. */
const LETTERS = 1_000;

export class CountedQueue {
  /** The queue as `queued` is given it. */
  readonly queue: Queue<number>;
  /** Messages that came in, and messages that were there already. */
  added = 0;
  duplicates = 0;
  /** Messages that were done, given up, given up and tried again, given up and thrown away. */
  completed = 0;
  buried = 0;
  revived = 0;
  discarded = 0;
  /** Messages that were handed out and put back without a failure. */
  released = 0;
  /** Messages that were completed although their operation had not been done. */
  #undone = 0;
  /** Keys of messages that are there, and whether their operation has been done. */
  readonly #keys = new Map<string, boolean>();

  constructor(inner: Queue<number>) {
    this.queue = {
      ...bound(inner),
      enqueue: async (message: QueueMessage<number>): Promise<QueueReceipt> => {
        const receipt = await inner.enqueue(message);
        if (receipt.duplicate) this.duplicates++;
        else {
          this.added++;
          this.#keys.set(message.key, false);
        }
        return receipt;
      },
      complete: async (lease: Lease<number>) => {
        const was = await inner.complete(lease);
        if (!was) return false;
        this.completed++;
        if (this.#keys.get(lease.key) !== true) this.#undone++;
        this.#keys.delete(lease.key);
        return true;
      },
      release: async (lease: Lease<number>) => {
        const was = await inner.release(lease);
        if (was) this.released++;
        return was;
      },
      bury: async (lease: Lease<number>, error: unknown) => {
        const was = await inner.bury(lease, error);
        if (was) this.buried++;
        return was;
      },
    };
  }

  /** The operation of this key has been done. */
  done(key: string): void {
    this.#keys.set(key, true);
  }

  /** Has one of two dead letters tried again, and throws the other away. */
  async sortDeadLetters(): Promise<void> {
    const letters = await this.queue.deadLetters(LETTERS);
    for (const [index, { id, key }] of letters.entries()) {
      if (index % 2 === 0) {
        if (await this.queue.revive(id)) this.revived++;
      } else if (await this.queue.discard(id)) {
        this.discarded++;
        this.#keys.delete(key);
      }
    }
  }

  /** Messages that are to be done. */
  async left(): Promise<number> {
    const { waiting, leased } = await this.queue.size();
    return waiting + leased;
  }

  async sums(): Promise<Sum[]> {
    const { waiting, leased, dead } = await this.queue.size();
    return [
      sum(
        'messages added = done + thrown away + left',
        this.added,
        this.completed + this.discarded + waiting + leased + dead,
      ),
      sum('messages given up = revived + thrown away + dead', this.buried, this.revived + this.discarded + dead),
      sum('keys that are there', this.#keys.size, waiting + leased + dead),
      sum('messages under a lease', leased, 0),
      sum('messages completed without their operation', this.#undone, 0),
    ];
  }
}

/** The methods of a queue, each with the queue itself. */
function bound(queue: Queue<number>): Queue<number> {
  return {
    enqueue: (message) => queue.enqueue(message),
    claim: (visibility) => queue.claim(visibility),
    extend: (lease, visibility) => queue.extend(lease, visibility),
    complete: (lease) => queue.complete(lease),
    fail: (lease, error, retryAfter) => queue.fail(lease, error, retryAfter),
    release: (lease) => queue.release(lease),
    bury: (lease, error) => queue.bury(lease, error),
    deadLetters: (limit) => queue.deadLetters(limit),
    revive: (id) => queue.revive(id),
    discard: (id) => queue.discard(id),
    size: () => queue.size(),
    close: () => queue.close(),
  };
}
