import type { QueueStore } from './queue-store.ts';

/**
 * Room of a queue with a limit. The messages are counted when the room seems to end, and not at each call: in between, this
 * process only adds. Processes that share a queue exceed its limit by what they add between two counts.
 */
export class QueueRoom {
  readonly maxSize: number;
  readonly #store: QueueStore;
  /** Most messages that there are, as far as this process knows. */
  #count: number | undefined;
  /** Messages that are being added. */
  #pending = 0;
  #counting: Promise<void> | undefined;

  constructor(store: QueueStore, maxSize: number) {
    this.#store = store;
    this.maxSize = maxSize;
  }

  /** Messages in the queue at the last count, and those added since. */
  get count(): number {
    return this.#count ?? 0;
  }

  /** Reserves room for `wanted` messages, or what is left of it. */
  async reserve(wanted: number): Promise<number> {
    if (this.maxSize === Infinity) return Infinity;
    if (this.#count === undefined || this.#count + wanted > this.maxSize) {
      await (this.#counting ??= this.#recount().finally(() => (this.#counting = undefined)));
    }
    const room = Math.min(wanted, Math.max(0, this.maxSize - this.count));
    this.#pending += room;
    this.#count = this.count + room;
    return room;
  }

  /** Ends a reservation of which `added` messages were used. */
  release(reserved: number, added: number): void {
    if (this.maxSize === Infinity) return;
    this.#pending -= reserved;
    if (this.#count !== undefined) this.#count += added - reserved;
  }

  async #recount(): Promise<void> {
    const { waiting, running, dead } = await this.#store.size(undefined);
    this.#count = waiting + running + dead + this.#pending;
  }
}
