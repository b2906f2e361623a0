/**
 * State in which a message was found: `'new'` if it was added, `'revived'` if a dead letter returned to the queue, `'waiting'`
 * or `'running'` if a message with its key was there already, and `'dead'` if that was a dead letter, which `ifDead` keeps.
 */
export type QueueReceiptStatus = 'new' | 'revived' | 'waiting' | 'running' | 'dead';

/** Number of messages in a queue, or in a topic of it. */
export interface QueueSize {
  /** Messages that wait, including those in a delay. */
  readonly waiting: number;
  /** Messages that a consumer runs. */
  readonly running: number;
  /** Dead letters. */
  readonly dead: number;
  /** Milliseconds since the oldest message that waits or runs was enqueued; null if there is none. */
  readonly oldestAge: number | null;
}

/** A message as `enqueue` passes it to a store. */
export interface NewMessage {
  readonly topic: string;
  readonly key: string;
  /** JSON text. */
  readonly payload: string;
  /** Milliseconds until it can be claimed. */
  readonly delay: number;
  /** 0 to 4, the highest first. */
  readonly priority: number;
  /** Whether a dead letter with the key returns to the queue, with this payload, priority and group. */
  readonly revives: boolean;
  /** Group; null if it has none. Only stores with `hasGroups` receive one. */
  readonly group: string | null;
}

/** Message that `insert` has added or found. */
export interface InsertedMessage {
  readonly id: string;
  readonly status: QueueReceiptStatus;
}

/** Options of `insert`. */
export interface InsertOptions {
  /** Most messages that may be added. Those that are found, or revived, do not count. */
  readonly room: number;
  /** Connection of the caller, whose transaction is to contain the messages. */
  readonly transaction?: unknown;
}

/** A message as a store keeps it. */
export interface StoredMessage {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
  /** Number of leases that count as attempts, with the present one. */
  readonly attempts: number;
  /** Number of leases that expired, because their process died or was cut off. */
  readonly abandoned: number;
  readonly lastError: string | null;
  /** Milliseconds since the message was enqueued, by the clock of the store. */
  readonly age: number;
  /** Group. Its other messages can be claimed once this one is settled. */
  readonly group?: string | null | undefined;
}

/** A dead letter as a store keeps it. */
export interface StoredLetter extends StoredMessage {
  /** Milliseconds since the message became a dead letter, by the clock of the store. */
  readonly deadFor: number;
}

/** Conditions for dead letters, all of which must hold. An empty list of ids selects none. */
export interface LetterFilter {
  readonly topic?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Part of the last error. */
  readonly error?: string | undefined;
  /** Least milliseconds since the message became a dead letter. */
  readonly olderThan?: number | undefined;
}

/** Part of the dead letters that `dead` returns. */
export interface LetterRange {
  readonly limit: number;
  /** Position after which the page begins; undefined for the first page. */
  readonly after: LetterPosition | undefined;
  readonly newestFirst: boolean;
}

/** Position of a dead letter in the order in which they died: by `at`, and then by the id. */
export interface LetterPosition {
  /** Finite number that grows with each dead letter, such as the time. */
  readonly at: number;
  readonly id: string;
}

/** Page of dead letters, with the position of the last one. */
export interface LetterPage {
  readonly letters: readonly StoredLetter[];
  /** Position of the last letter; null if no letter follows. */
  readonly next: LetterPosition | null;
}

/**
 * Durability of a message once `enqueue` has resolved: it survives a `'power loss'` of the machine, or only the end of this
 * `'process'`, or `'nothing'`, as in memory. It is `'unknown'` if the store does not say.
 */
export type Durability = 'power loss' | 'process' | 'nothing' | 'unknown';

/** Result of a check of the settings of a store. */
export interface StoreCheck {
  readonly durability: Durability;
  /** Sentences about settings that endanger messages. */
  readonly problems: readonly string[];
  /** Sentences about settings that the store does not tell, as managed servers do. */
  readonly unknown: readonly string[];
}

/** Details of a message that returns to the queue. */
export interface PutBack {
  /** Milliseconds until it can be claimed. */
  readonly after: number;
  /** Error of the attempt; null if there was no attempt, which then does not count. */
  readonly error: string | null;
}

/** Fate of a message after its operation. */
export type Settlement =
  | { readonly kind: 'done' }
  /** An attempt that failed, and is repeated. */
  | { readonly kind: 'failed'; readonly after: number; readonly error: unknown }
  /** The operation was not attempted. */
  | { readonly kind: 'released'; readonly after: number }
  | { readonly kind: 'buried'; readonly error: unknown };

/**
 * Step for which a consumer asks its store: a claim, a heartbeat, the return of a message that must not start, a
 * settlement, or the deletion of old dead letters.
 */
export type StoreAction = 'claim' | 'extend' | 'release' | 'expire' | Settlement['kind'];

/** Functions that a worker calls. */
export interface WorkerHooks {
  /** Runs the operation of a message. Never rejects. */
  run(message: StoredMessage, signal: AbortSignal): Promise<Settlement>;
  /** Reports that the store has taken a settlement. */
  settled(message: StoredMessage, settlement: Settlement): void;
  /** Reports that the lease of a message is lost. The operation may run again elsewhere. */
  leaseLost(message: StoredMessage): void;
  /** Reports an error of the store. The worker goes on. */
  fault(error: unknown, action: StoreAction): void;
}

/** Settings of a worker. */
export interface WorkerSettings {
  readonly topic: string;
  readonly concurrency: number;
  /** Milliseconds of a lease. A running operation extends it. */
  readonly leaseTime: number;
  /** Milliseconds between two looks for messages. */
  readonly pollInterval: number;
}

/** Worker that runs the messages of one topic. */
export interface StoreWorker {
  /** Number of operations that run. */
  readonly running: number;
  /** Most operations at a time. */
  limit: number;
  /** Starts no further operation. */
  pause(): void;
  resume(): void;
  /** Looks for messages after so many milliseconds, without waiting for the end of the interval. */
  wake(after: number): void;
  /** Ends within `timeout` milliseconds and a second: waits for operations, aborts those that still run, and gives leases back. */
  close(timeout: number): Promise<void>;
}

/** Messages of a queue, without the part that runs them. */
export interface MessageStore {
  /** Whether the messages of a group run one after another. Messages with a group are rejected without it. */
  readonly hasGroups?: boolean;
  /**
   * Adds messages, except those whose key is in their topic. No two of them have the same topic and key. It adds all or none,
   * and resolves in their order; with null if there is not enough room for those to add.
   */
  insert(messages: readonly NewMessage[], options: InsertOptions): Promise<readonly InsertedMessage[] | null>;
  /** Returns a page of the dead letters that meet the conditions. */
  dead(filter: LetterFilter, range: LetterRange): Promise<LetterPage>;
  /** Returns up to `limit` dead letters to the queue, the oldest first, each to the end of its group. Returns their number. */
  revive(filter: LetterFilter, limit: number): Promise<number>;
  /** Deletes up to `limit` dead letters, the oldest first. Returns their number. */
  discard(filter: LetterFilter, limit: number): Promise<number>;
  size(topic: string | undefined): Promise<QueueSize>;
  close(): Promise<void>;
  /** Checks the settings that decide what a message survives. Without this method that is not known. */
  check?(): Promise<StoreCheck>;
}

/**
 * Store whose messages a worker of fusewire leases. A token identifies the leases of one claim. Methods called with the token
 * of a lease that is settled, or whose message another claim has taken since, change nothing and resolve with false.
 */
export interface LeaseStore extends MessageStore {
  /**
   * Leases up to `count` messages of a topic to `token`, and counts the attempts. Those of the highest priority come first,
   * then the oldest. Of a group only the first message can be claimed, and not while another one of the group is leased.
   * A claim may begin while `complete` is under way: a store can do both in one step.
   */
  claim(topic: string, count: number, token: string, leaseTime: number): Promise<readonly StoredMessage[]>;
  extend(id: string, token: string, leaseTime: number): Promise<boolean>;
  complete(id: string, token: string): Promise<boolean>;
  putBack(id: string, token: string, how: PutBack): Promise<boolean>;
  bury(id: string, token: string, error: string | null): Promise<boolean>;
}

/** Store over an engine that has a worker of its own. */
export interface WorkerStore extends MessageStore {
  work(settings: WorkerSettings, hooks: WorkerHooks): StoreWorker;
}

/** Store that {@link queueOver} turns into a queue. */
export type QueueStore = LeaseStore | WorkerStore;
