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
  /** Time at which the store takes the lease for expired. */
  #expiry: number;
  #nextBeat: number;
  /** Whether a heartbeat was sent since the last one that succeeded. */
  #isOverdue = false;
  /** Heartbeat that the store has not answered. */
  #beating: Promise<void> | undefined;
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
    this.#expiry = claimedAt + leaseTime;
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

  /** Whether the store takes the lease for expired, because the process was suspended or the store does not answer. */
  get hasExpired(): boolean {
    return !this.#isSettled && defaultClock() >= this.#expiry;
  }

  /** Sends a heartbeat unless one is under way, and resolves when the store has answered or the lease has ended. */
  async renew(): Promise<void> {
    if (this.#beating === undefined) this.#beat(defaultClock());
    await Promise.race([this.#beating, this.ended]);
  }

  #arm(): void {
    this.#removeTimer?.();
    if (this.#isSettled) return;
    const due = this.#beating !== undefined ? this.#deadline : Math.min(this.#nextBeat, this.#deadline);
    this.#removeTimer = setIdleTimer(() => this.#onTimer(), Math.max(1, due - defaultClock()));
  }

  #onTimer(): void {
    const now = defaultClock();
    // A process that was suspended sends a heartbeat first: the lease may still be its own.
    if (this.#isOverdue && now >= this.#deadline) return this.#lose();
    if (this.#beating === undefined && (now >= this.#nextBeat || now >= this.#deadline)) this.#beat(now);
    this.#arm();
  }

  #beat(now: number): void {
    this.#isOverdue = true;
    this.#deadline = Math.max(this.#deadline, now + this.#leaseTime / 10);
    this.#beating = this.#extend(now).finally(() => {
      this.#beating = undefined;
      this.#arm();
    });
  }

  async #extend(now: number): Promise<void> {
    try {
      const held = await this.#store.extend(this.message.id, this.token, this.#leaseTime);
      if (this.#isSettled) return;
      if (!held) return this.#lose();
      this.#isOverdue = false;
      this.#deadline = now + this.#leaseTime * SAFE_SHARE;
      this.#expiry = now + this.#leaseTime;
      this.#nextBeat = now + this.#leaseTime / 3;
    } catch (error) {
      if (this.#isSettled) return;
      this.#onFault(error);
      this.#nextBeat = defaultClock() + this.#leaseTime / 10;
    }
  }

  #lose(): void {
    this.end(new Error(`Queue: the lease of message ${this.message.id} expired before its operation ended`));
  }
}

/** Share of the lease after which it counts as lost: the operation ends before another worker begins it. */
export const SAFE_SHARE = 0.9;
