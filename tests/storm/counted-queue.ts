import type { Consumer, Queue } from 'fusewire/queue';
import { overriding } from '../queues/overriding.ts';
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
  /** Leases that were lost. */
  leasesLost = 0;
  /** Messages that were completed although their operation had not succeeded. */
  #completedEarly = 0;
  /** Keys in the queue, and whether their operation has succeeded. */
  readonly #keys = new Map<string, boolean>();

  constructor(inner: Queue<number>) {
    this.queue = overriding(inner, {
      enqueue: async (message, options) => {
        const receipt = await inner.enqueue(message, options);
        if (receipt.status === 'new') {
          this.added++;
          this.#keys.set(message.key, false);
        } else if (receipt.status === 'revived') this.revived++;
        else this.duplicates++;
        return receipt;
      },
      consume: (options, handler) => this.#count(inner.consume(options, handler)),
    });
  }

  /** Counts the messages of a consumer. */
  #count(consumer: Consumer): Consumer {
    consumer.on('done', ({ key }) => {
      this.completed++;
      if (this.#keys.get(key) !== true) this.#completedEarly++;
      this.#keys.delete(key);
    });
    consumer.on('buried', () => this.buried++);
    consumer.on('leaseLost', () => this.leasesLost++);
    return consumer;
  }

  /** Marks the operation of a key as done. */
  markDone(key: string): void {
    this.#keys.set(key, true);
  }

  /** Revives every second dead letter, and discards the others. */
  async sortDeadLetters(): Promise<void> {
    const { letters } = await this.queue.deadLetters({ limit: MAX_DEAD_LETTERS });
    for (const [index, { id, key }] of letters.entries()) {
      if (index % 2 === 0) {
        if (await this.queue.revive(id)) this.revived++;
      } else if (await this.queue.discard(id)) {
        this.discarded++;
        this.#keys.delete(key);
      }
    }
  }

  /** Returns the number of messages that are waiting or running. */
  async remaining(): Promise<number> {
    const { waiting, running } = await this.queue.size();
    return waiting + running;
  }

  async checks(): Promise<Check[]> {
    const { waiting, running, dead } = await this.queue.size();
    return [
      equal(
        'messages added = completed + discarded + left',
        this.added,
        this.completed + this.discarded + waiting + running + dead,
      ),
      equal('messages buried = revived + discarded + dead', this.buried, this.revived + this.discarded + dead),
      equal('keys in the queue', this.#keys.size, waiting + running + dead),
      equal('messages under a lease', running, 0),
      equal('leases lost', this.leasesLost, 0),
      equal('messages completed without their operation', this.#completedEarly, 0),
    ];
  }
}
