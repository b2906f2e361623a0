import type { Lease, Queue, QueueMessage, QueueReceipt } from 'fusewire/queue';
import { equal } from './checks.ts';
import type { Check } from './checks.ts';

/** Largest number of dead letters that are read at once. */
const MAX_DEAD_LETTERS = 1_000;

/** Wrapper of a queue that counts its messages by their outcome. */
export class CountedQueue {
  /** Queue to pass to `queued()`. */
  readonly queue: Queue<number>;
  /** Messages that were added. */
  added = 0;
  /** Messages whose key was in the queue already. */
  duplicates = 0;
  completed = 0;
  /** Messages that became dead letters. */
  buried = 0;
  /** Dead letters that were put back into the queue. */
  revived = 0;
  /** Dead letters that were deleted. */
  discarded = 0;
  /** Messages that were claimed and put back without a failure. */
  released = 0;
  /** Messages that were completed although their operation had not succeeded. */
  #completedEarly = 0;
  /** Keys in the queue, and whether their operation has succeeded. */
  readonly #keys = new Map<string, boolean>();

  constructor(inner: Queue<number>) {
    this.queue = {
      ...bindMethods(inner),
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
        const completed = await inner.complete(lease);
        if (!completed) return false;
        this.completed++;
        if (this.#keys.get(lease.key) !== true) this.#completedEarly++;
        this.#keys.delete(lease.key);
        return true;
      },
      release: async (lease: Lease<number>) => {
        const released = await inner.release(lease);
        if (released) this.released++;
        return released;
      },
      bury: async (lease: Lease<number>, error: unknown) => {
        const buried = await inner.bury(lease, error);
        if (buried) this.buried++;
        return buried;
      },
    };
  }

  /** Marks the operation of a key as done. */
  markDone(key: string): void {
    this.#keys.set(key, true);
  }

  /** Revives every second dead letter, and discards the others. */
  async sortDeadLetters(): Promise<void> {
    const letters = await this.queue.deadLetters(MAX_DEAD_LETTERS);
    for (const [index, { id, key }] of letters.entries()) {
      if (index % 2 === 0) {
        if (await this.queue.revive(id)) this.revived++;
      } else if (await this.queue.discard(id)) {
        this.discarded++;
        this.#keys.delete(key);
      }
    }
  }

  /** Returns the number of messages that are waiting or leased. */
  async remaining(): Promise<number> {
    const { waiting, leased } = await this.queue.size();
    return waiting + leased;
  }

  async checks(): Promise<Check[]> {
    const { waiting, leased, dead } = await this.queue.size();
    return [
      equal(
        'messages added = completed + discarded + left',
        this.added,
        this.completed + this.discarded + waiting + leased + dead,
      ),
      equal('messages buried = revived + discarded + dead', this.buried, this.revived + this.discarded + dead),
      equal('keys in the queue', this.#keys.size, waiting + leased + dead),
      equal('messages leased', leased, 0),
      equal('messages completed without their operation', this.#completedEarly, 0),
    ];
  }
}

/** Returns the methods of a queue, bound to the queue. */
function bindMethods(queue: Queue<number>): Queue<number> {
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
