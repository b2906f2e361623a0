import type { NewMessage, PutBack, QueueReceiptStatus, QueueSize, StoredMessage } from 'fusewire/kit';

/** Message of the reference queue. Times are milliseconds of its clocks. */
export interface ReferenceMessage {
  readonly id: number;
  readonly key: string;
  payload: string;
  priority: number;
  attempts: number;
  abandoned: number;
  lastError: string | null;
  /** Token of the lease; null if the message has none. The last claim decides. */
  token: string | null;
  isDead: boolean;
  /** Time from which it can be claimed. */
  availableAt: number;
  /** Place among the dead letters. */
  burial: number;
  enqueuedAt: number;
  /** Place in the order of arrival. */
  place: number;
}

/** Points at which the documentation leaves a choice to the store. */
export interface Choices {
  /** Whether a revived message keeps its place in the order of arrival. */
  readonly revivedKeepsPlace: boolean;
  /** Whether dead letters of the same millisecond are in the order of their ids. */
  readonly diesByTime: boolean;
}

/**
 * Reference model of a queue with one topic, from what the documentation promises. It has no index, and looks at every message
 * for every operation.
 */
export class ReferenceQueue {
  readonly #choices: Choices;
  messages: ReferenceMessage[] = [];
  lastId = 0;
  lastPlace = 0;
  /** Time of a clock that never goes back. */
  now: number;

  constructor(choices: Choices, now: number) {
    this.#choices = choices;
    this.now = now;
  }

  clone(): ReferenceQueue {
    const copy = new ReferenceQueue(this.#choices, this.now);
    copy.messages = this.messages.map((message) => ({ ...message }));
    copy.lastId = this.lastId;
    copy.lastPlace = this.lastPlace;
    return copy;
  }

  /** @param newId id that the store gives to a new message: any that is greater than the last one. */
  insert(
    { key, payload, priority, delay, revives }: NewMessage,
    newId = this.lastId + 1,
  ): { id: number; status: QueueReceiptStatus } {
    const existing = this.messages.find((message) => message.key === key);
    const fresh = { payload, priority, lastError: null, enqueuedAt: this.now };
    if (existing === undefined) {
      const id = (this.lastId = Math.max(newId, this.lastId + 1));
      const counts = { attempts: 0, abandoned: 0, token: null, isDead: false };
      const times = { availableAt: this.now + delay, burial: 0 };
      this.messages.push({ id, key, ...fresh, ...counts, ...times, place: ++this.lastPlace });
      return { id, status: 'new' };
    }
    const { id } = existing;
    if (!existing.isDead) return { id, status: this.#isRunning(existing) ? 'running' : 'waiting' };
    if (!revives) return { id, status: 'dead' };
    this.#revive(existing, delay);
    Object.assign(existing, fresh);
    return { id, status: 'revived' };
  }

  claim(count: number, token: string, leaseTime: number): ReferenceMessage[] {
    const claimed = this.#alive()
      .filter((message) => message.availableAt <= this.now)
      .toSorted((one, other) => other.priority - one.priority || one.place - other.place)
      .slice(0, count);
    for (const message of claimed) {
      if (message.token !== null) message.abandoned++;
      message.attempts++;
      message.token = token;
      this.#setWait(message, leaseTime);
    }
    return claimed;
  }

  extend(id: number, token: string, leaseTime: number): boolean {
    return this.#change(id, token, (message) => this.#setWait(message, leaseTime));
  }

  complete(id: number, token: string): boolean {
    return this.#change(id, token, (message) => this.#remove(message));
  }

  putBack(id: number, token: string, { after, error }: PutBack): boolean {
    return this.#change(id, token, (message) => {
      message.token = null;
      this.#setWait(message, after);
      if (error === null) message.attempts--;
      else message.lastError = error;
    });
  }

  bury(id: number, token: string, error: string | null): boolean {
    return this.#change(id, token, (message) =>
      Object.assign(message, {
        token: null,
        isDead: true,
        lastError: error,
        burial: this.#choices.diesByTime ? this.now : ++this.lastPlace,
      }),
    );
  }

  revive(id: number): boolean {
    const message = this.#deadLetter(id);
    if (message === undefined) return false;
    this.#revive(message, 0);
    message.enqueuedAt = this.now;
    return true;
  }

  discard(id: number): boolean {
    const message = this.#deadLetter(id);
    if (message !== undefined) this.#remove(message);
    return message !== undefined;
  }

  dead(): ReferenceMessage[] {
    return this.messages
      .filter(({ isDead }) => isDead)
      .toSorted((one, other) => one.burial - other.burial || one.id - other.id);
  }

  size(): QueueSize {
    const alive = this.#alive();
    const running = alive.filter((message) => this.#isRunning(message)).length;
    const oldest = Math.min(...alive.map(({ enqueuedAt }) => enqueuedAt));
    const oldestAge = alive.length === 0 ? null : this.#ageOf(oldest);
    return { waiting: alive.length - running, running, dead: this.messages.length - alive.length, oldestAge };
  }

  /** Returns a message as a store does. Its id is a number here. */
  stored(message: ReferenceMessage): Omit<StoredMessage, 'id' | 'topic'> & { id: number } {
    const { id, key, payload, attempts, abandoned, lastError, enqueuedAt } = message;
    return { id, key, payload, attempts, abandoned, lastError, age: this.#ageOf(enqueuedAt) };
  }

  #ageOf(enqueuedAt: number): number {
    return Math.max(0, this.now - enqueuedAt);
  }

  #alive(): ReferenceMessage[] {
    return this.messages.filter(({ isDead }) => !isDead);
  }

  #isRunning({ token, availableAt }: ReferenceMessage): boolean {
    return token !== null && availableAt > this.now;
  }

  #setWait(message: ReferenceMessage, length: number): void {
    message.availableAt = this.now + length;
  }

  #revive(message: ReferenceMessage, delay: number): void {
    Object.assign(message, { isDead: false, attempts: 0, abandoned: 0 });
    this.#setWait(message, delay);
    if (!this.#choices.revivedKeepsPlace) message.place = ++this.lastPlace;
  }

  #remove(message: ReferenceMessage): void {
    this.messages = this.messages.filter((each) => each !== message);
  }

  #deadLetter(id: number): ReferenceMessage | undefined {
    return this.messages.find((message) => message.id === id && message.isDead);
  }

  /** Changes a message if `token` is its lease: until another claim takes the message, also when the lease has expired. */
  #change(id: number, token: string, change: (message: ReferenceMessage) => unknown): boolean {
    const message = this.messages.find((each) => each.id === id && each.token === token);
    if (message !== undefined) change(message);
    return message !== undefined;
  }
}
