import type { OperationsEvent } from './event.ts';
import { eventMatcher } from './filter.ts';
import type { EventSubscription, FollowOptions } from './log.ts';

interface Follower {
  readonly matches: (event: OperationsEvent) => boolean;
  readonly listener: (event: OperationsEvent) => unknown;
}

/** Listeners to all events of a log, and the latest events, for those that come back. */
export class Followers {
  readonly #most: number;
  readonly #onFault: (error: unknown) => void;
  readonly #followers = new Set<Follower>();
  /** The latest events, the oldest first; up to twice as many as are kept. */
  #recent: OperationsEvent[] = [];
  /** Id of the latest event that was dropped. */
  #droppedId = '';

  constructor(most: number, onFault: (error: unknown) => void) {
    this.#most = most;
    this.#onFault = onFault;
  }

  /** Adds a listener, and delivers the events after that of an id. */
  add(listener: (event: OperationsEvent) => unknown, options: FollowOptions): EventSubscription {
    if (typeof listener !== 'function') throw new TypeError('Event log: a listener must be a function');
    const { after } = options;
    const follower = { matches: eventMatcher(options), listener };
    this.#followers.add(follower);
    if (after !== undefined) for (const event of this.#recent) if (event.id > after) this.#deliver(follower, event);
    return {
      missed: after !== undefined && after < this.#droppedId,
      stop: () => {
        this.#followers.delete(follower);
      },
    };
  }

  /** Delivers an event to all. */
  push(event: OperationsEvent): void {
    this.#recent.push(event);
    if (this.#recent.length > this.#most * 2) {
      this.#droppedId = this.#recent[this.#recent.length - this.#most - 1]?.id ?? '';
      this.#recent = this.#most === 0 ? [] : this.#recent.slice(-this.#most);
    }
    for (const follower of this.#followers) this.#deliver(follower, event);
  }

  /** Removes all listeners. */
  clear(): void {
    this.#followers.clear();
  }

  #deliver({ matches, listener }: Follower, event: OperationsEvent): void {
    if (!matches(event)) return;
    try {
      const returned = listener(event);
      if (returned instanceof Promise) returned.catch(this.#onFault);
    } catch (error) {
      this.#onFault(error);
    }
  }
}
