import { defaultClock } from '../time/clock.ts';
import type { LeaseStore, StoredMessage } from './queue-store.ts';
import { setIdleTimer } from './timers.ts';

/**
 * Lease of a message whose operation runs. A heartbeat extends it at each third of its time, and more often after a
 * heartbeat has failed. The lease is lost when the store says so, or when no heartbeat has reached the store in time.
 */
export class MessageLease {
  readonly message: StoredMessage;
  readonly token: string;
  /** Resolves when the lease has ended before its operation. */
  readonly ended: Promise<undefined>;
  readonly #store: LeaseStore;
  readonly #leaseTime: number;
  readonly #onFault: (error: unknown) => void;
  readonly #controller = new AbortController();
  #resolveEnded!: (value: undefined) => void;
  /** Time at which the lease is over unless a heartbeat extends it. */
  #deadline: number;
  #nextBeat: number;
  /** Whether a heartbeat was sent since the last one that succeeded. */
  #isOverdue = false;
  #isBeating = false;
  #isSettled = false;
  #removeTimer: (() => void) | undefined;

  /** @param claimedAt time at which the claim was sent. */
  constructor(
    store: LeaseStore,
    message: StoredMessage,
    token: string,
    leaseTime: number,
    claimedAt: number,
    onFault: (error: unknown) => void,
  ) {
    this.message = message;
    this.token = token;
    this.#store = store;
    this.#leaseTime = leaseTime;
    this.#onFault = onFault;
    this.#deadline = claimedAt + leaseTime * SAFE_SHARE;
    this.#nextBeat = claimedAt + leaseTime / 3;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#arm();
  }

  /** Signal of the operation. It aborts when the lease ends. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasEnded(): boolean {
    return this.#isSettled;
  }

  /** Ends the lease before its operation has, and aborts the signal. */
  end(reason: unknown): void {
    if (this.#isSettled) return;
    this.settle();
    this.#controller.abort(reason);
    this.#resolveEnded(undefined);
  }

  /** Stops the heartbeat, because the message is settled. */
  settle(): void {
    this.#isSettled = true;
    this.#removeTimer?.();
  }

  #arm(): void {
    this.#removeTimer?.();
    if (this.#isSettled) return;
    const due = this.#isBeating ? this.#deadline : Math.min(this.#nextBeat, this.#deadline);
    this.#removeTimer = setIdleTimer(() => this.#onTimer(), Math.max(1, due - defaultClock()));
  }

  #onTimer(): void {
    const now = defaultClock();
    // A process that was suspended sends a heartbeat first: the lease may still be its own.
    if (this.#isOverdue && now >= this.#deadline) return this.#lose();
    if (!this.#isBeating && (now >= this.#nextBeat || now >= this.#deadline)) this.#beat(now);
    this.#arm();
  }

  #beat(now: number): void {
    const { id } = this.message;
    this.#isBeating = this.#isOverdue = true;
    this.#deadline = Math.max(this.#deadline, now + this.#leaseTime / 10);
    this.#store.extend(id, this.token, this.#leaseTime).then(
      (held) => {
        this.#isBeating = false;
        if (this.#isSettled) return;
        if (!held) return this.#lose();
        this.#isOverdue = false;
        this.#deadline = now + this.#leaseTime * SAFE_SHARE;
        this.#nextBeat = now + this.#leaseTime / 3;
        this.#arm();
      },
      (error: unknown) => {
        this.#isBeating = false;
        if (this.#isSettled) return;
        this.#onFault(error);
        this.#nextBeat = defaultClock() + this.#leaseTime / 10;
        this.#arm();
      },
    );
  }

  #lose(): void {
    this.end(new Error(`Queue: the lease of message ${this.message.id} expired before its operation ended`));
  }
}

/** Share of the lease after which it counts as lost: the operation ends before another worker begins it. */
const SAFE_SHARE = 0.9;
