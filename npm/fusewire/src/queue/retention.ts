import type { QueueStore } from './queue-store.ts';
import { setIdleTimer } from './timers.ts';

/** Dead letters that one step of the store deletes: few enough to hold up nobody. */
const BATCH = 1_000;
/** Longest time between two looks for old dead letters, in milliseconds. */
const LONGEST_INTERVAL = 3_600_000;

/** Functions that a retention calls. */
interface RetentionHooks {
  /** Reports deleted dead letters. */
  expired(count: number): void;
  /** Reports an error of the store. The retention goes on. */
  fault(error: unknown, action: 'expire'): void;
}

/** Deletes the dead letters of a topic that are older than `maxAge`, ten times in that time and at least once in an hour. */
export class Retention {
  readonly #store: QueueStore;
  readonly #topic: string;
  readonly #maxAge: number;
  readonly #hooks: RetentionHooks;
  #isEnded = false;
  #removeTimer: (() => void) | undefined;

  constructor(store: QueueStore, topic: string, maxAge: number, hooks: RetentionHooks) {
    this.#store = store;
    this.#topic = topic;
    this.#maxAge = maxAge;
    this.#hooks = hooks;
    this.#arm();
  }

  end(): void {
    this.#isEnded = true;
    this.#removeTimer?.();
  }

  #arm(): void {
    if (this.#isEnded) return;
    this.#removeTimer = setIdleTimer(
      () => void this.#sweep().finally(() => this.#arm()),
      Math.min(LONGEST_INTERVAL, this.#maxAge / 10),
    );
  }

  async #sweep(): Promise<void> {
    let total = 0;
    try {
      for (let count = BATCH; count >= BATCH && !this.#isEnded; total += count) {
        count = await this.#store.discard({ topic: this.#topic, olderThan: this.#maxAge }, BATCH);
      }
    } catch (error) {
      this.#hooks.fault(error, 'expire');
    }
    if (total > 0) this.#hooks.expired(total);
  }
}
