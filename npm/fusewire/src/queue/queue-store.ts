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
  /** Whether a dead letter with the key returns to the queue, with this payload. */
  readonly revives: boolean;
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

/** Step for which a consumer asks its store: a claim, a heartbeat, the return of a message that must not start, or a settlement. */
export type StoreAction = 'claim' | 'extend' | 'release' | Settlement['kind'];

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

/**
 * Store that {@link queueOver} turns into a queue. A token identifies the leases of one claim. Methods called with the token
 * of a lease that is settled, or whose message another claim has taken since, change nothing and resolve with false.
 */
export interface QueueStore {
  /**
   * Adds a message, unless one with its key is in its topic.
   *
   * @param transaction connection of the caller, whose transaction is to contain the message.
   */
  insert(
    message: NewMessage,
    transaction?: unknown,
  ): Promise<{ readonly id: string; readonly status: QueueReceiptStatus }>;
  /**
   * Leases up to `count` messages of a topic to `token`, and counts the attempts. Those of the highest priority come first,
   * then the oldest.
   */
  claim(topic: string, count: number, token: string, leaseTime: number): Promise<readonly StoredMessage[]>;
  extend(id: string, token: string, leaseTime: number): Promise<boolean>;
  complete(id: string, token: string): Promise<boolean>;
  putBack(id: string, token: string, how: PutBack): Promise<boolean>;
  bury(id: string, token: string, error: string | null): Promise<boolean>;
  /** Returns the oldest dead letters of a topic, or of all topics. */
  dead(topic: string | undefined, limit: number): Promise<readonly StoredMessage[]>;
  revive(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  size(topic: string | undefined): Promise<QueueSize>;
  close(): Promise<void>;
  /**
   * Starts a worker of the store's own, for an engine that has one. Without this method, a worker claims leases. A store with
   * it never sees `claim`, `extend`, `complete`, `putBack` and `bury`.
   */
  work?(settings: WorkerSettings, hooks: WorkerHooks): StoreWorker;
}
