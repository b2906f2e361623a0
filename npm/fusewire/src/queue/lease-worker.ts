import { defaultClock } from '../time/clock.ts';
import { MessageLease, SAFE_SHARE } from './message-lease.ts';
import type { LeaseStore, Settlement, StoreWorker, StoredMessage, WorkerHooks, WorkerSettings } from './queue-store.ts';
import { errorText } from './queue-text.ts';
import { TimeLimits } from './time-limits.ts';
import { setIdleTimer, within } from './timers.ts';

/** Longest time between two tries of a store that fails, in milliseconds. */
const LONGEST_BACKOFF = 30_000;
/**
 * Share of a lease for which a worker waits for the answer to a settlement, and for what must come before or after a claim.
 * Heartbeats may succeed although that answer is lost.
 */
const WAITING_SHARE = 1 / 3;
/** Milliseconds that the end of a worker waits for the store. */
const GRACE = 1_000;

/**
 * Worker that claims leases of a store. It looks for messages at each interval, after each full claim and when it is woken,
 * and goes on after every error of the store.
 *
 * A message whose process died runs alone, so that one that kills its process takes no others with it.
 */
export class LeaseWorker implements StoreWorker {
  readonly #store: LeaseStore;
  readonly #settings: WorkerSettings;
  readonly #hooks: WorkerHooks;
  /** Runs, each with the lease of its message. */
  readonly #runs = new Map<MessageLease, Promise<void>>();
  readonly #limits = new TimeLimits();
  /** Leases whose operation has succeeded, and whose completion is under way. They hold no slot. */
  readonly #completing = new Set<MessageLease>();
  #limit: number;
  #isPaused = false;
  #isClosed = false;
  #claiming: Promise<void> | undefined;
  /** Whether the worker was woken during a claim. */
  #isWoken = false;
  /** Whether the last claim was full, so that there may be more messages. */
  #hasMore = false;
  /** Whether the next message may have ended its process, and must run alone. */
  #isAlone = false;
  #faultsInRow = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #removeTimer: (() => void) | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(store: LeaseStore, settings: WorkerSettings, hooks: WorkerHooks) {
    this.#store = store;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#limit = settings.concurrency;
  }

  get running(): number {
    return this.#runs.size - this.#completing.size;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    const rises = limit > this.#limit;
    this.#limit = limit;
    if (rises) this.#next();
  }

  pause(): void {
    this.#isPaused = true;
    this.#disarm();
  }

  resume(): void {
    this.#isPaused = false;
    this.#next();
  }

  wake(after: number): void {
    if (after > 0) return this.#arm(after);
    if (this.#claiming !== undefined) this.#isWoken = true;
    else this.#next();
  }

  async close(timeout: number): Promise<void> {
    this.#isClosed = true;
    this.#disarm();
    await within(this.#settled(), timeout);
    const reason = new Error('Queue: the consumer was closed before the operation ended');
    for (const lease of this.#runs.keys()) lease.end(reason);
    await within(Promise.all([this.#settled(), this.#claiming]), GRACE);
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#runs.values());
  }

  /** Claims messages for the free slots. */
  #next(): void {
    if (this.#isClosed || this.#isPaused || this.#claiming !== undefined) return;
    const blocked = this.#blockedUntil - defaultClock();
    if (blocked > 0) return this.#arm(blocked);
    if (this.#freeSlots <= 0) return;
    this.#disarm();
    this.#isWoken = false;
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = undefined;
      if (this.#isWoken || this.#hasMore) this.#next();
    });
  }

  get #freeSlots(): number {
    return this.#isAlone ? Number(this.#runs.size === 0) : this.#limit - this.running;
  }

  async #claim(): Promise<void> {
    const { pollInterval } = this.#settings;
    // Operations that end together free their slots first.
    await undefined;
    const count = this.#freeSlots;
    if (count <= 0 || this.#isPaused || this.#isClosed) return;
    try {
      const token = globalThis.crypto.randomUUID();
      const renewals = this.#renewals();
      if (renewals !== undefined) await this.#inTime(renewals, WAITING_SHARE);
      const claimedAt = defaultClock();
      const messages = await this.#claimInTime(count, token);
      this.#faultsInRow = 0;
      this.#hasMore = messages.length >= count;
      if (!this.#hasMore) this.#arm(pollInterval);
      await this.#start(messages, token, claimedAt);
    } catch (error) {
      this.#blockFor(Math.min(LONGEST_BACKOFF, pollInterval * 2 ** this.#faultsInRow++) * (0.5 + Math.random() / 2));
      this.#hooks.fault(error, 'claim');
    }
  }

  /** Extends the leases that have expired, and whose operations run; undefined if there are none. */
  #renewals(): Promise<unknown> | undefined {
    let renewals: Promise<void>[] | undefined;
    for (const lease of this.#runs.keys()) if (lease.hasExpired) (renewals ??= []).push(lease.renew());
    return renewals && Promise.all(renewals);
  }

  /** Claims messages. Rejects when their leases are over before the store has answered, and gives back what it then returns. */
  async #claimInTime(count: number, token: string): Promise<readonly StoredMessage[]> {
    const { topic, leaseTime } = this.#settings;
    const claim = this.#store.claim(topic, count, token, leaseTime);
    const messages = await this.#inTime(claim, SAFE_SHARE);
    if (messages !== undefined) return messages;
    claim.then(
      (late) => Promise.all(late.map((message) => this.#giveBack(message, token))),
      () => undefined,
    );
    throw new Error('Queue: the store has not answered a claim while its leases lasted');
  }

  /** Whether the leases of a claim are over, unless they were extended. */
  #areOver(claimedAt: number): boolean {
    return defaultClock() - claimedAt >= this.#settings.leaseTime * SAFE_SHARE;
  }

  /** Settles like `promise`, or resolves with undefined after a share of the time of a lease. */
  #inTime<T>(promise: Promise<T>, share: number): Promise<T | undefined> {
    return this.#limits.await(promise, this.#settings.leaseTime * share);
  }

  /** Starts the operations of claimed messages. Gives back those that must not start now. */
  async #start(messages: readonly StoredMessage[], token: string, claimedAt: number): Promise<void> {
    const mustWait = this.#isClosed || this.#isPaused;
    const isSuspect = ({ abandoned }: StoredMessage) => abandoned > 0;
    const hasSuspect = messages.some(isSuspect);
    const runsAlone = messages.length === 1 && this.#runs.size === 0;
    const starts = (message: StoredMessage) => !mustWait && (runsAlone || !isSuspect(message));
    const givenBack = messages.filter((message) => !starts(message));
    // Before the first operation starts: if it ends the process, the others must not count as abandoned.
    if (givenBack.length > 0)
      await this.#inTime(Promise.all(givenBack.map((message) => this.#giveBack(message, token))), WAITING_SHARE);
    this.#isAlone = hasSuspect && !mustWait;
    this.#hasMore ||= givenBack.length > 0;
    for (const message of messages.filter(starts)) {
      // A process that was suspended may see the answer before the end of the time.
      if (this.#areOver(claimedAt)) void this.#giveBack(message, token);
      else this.#run(message, token, claimedAt);
    }
  }

  async #giveBack({ id }: StoredMessage, token: string): Promise<void> {
    try {
      await this.#store.putBack(id, token, { after: 0, error: null });
    } catch (error) {
      this.#hooks.fault(error, 'release');
    }
  }

  #run(message: StoredMessage, token: string, claimedAt: number): void {
    const { leaseTime } = this.#settings;
    const onFault = (error: unknown) => this.#hooks.fault(error, 'extend');
    const lease = new MessageLease(this.#store, message, token, leaseTime, claimedAt, onFault);
    const run = this.#operate(lease).finally(() => {
      lease.settle();
      this.#completing.delete(lease);
      this.#runs.delete(lease);
      // The next message of the group can be claimed now.
      this.#hasMore ||= typeof message.group === 'string';
      if (this.#hasMore || this.#isAlone) this.#next();
      else this.#arm(this.#settings.pollInterval);
    });
    this.#runs.set(lease, run);
  }

  async #operate(lease: MessageLease): Promise<void> {
    const settlement = await Promise.race([this.#hooks.run(lease.message, lease.signal), lease.ended]);
    if (settlement !== undefined) await this.#settle(lease, settlement);
    else if (this.#isClosed) await this.#giveBack(lease.message, lease.token);
    else this.#hooks.leaseLost(lease.message);
  }

  /** Passes a settlement to the store, again and again until it takes it or the lease is lost. */
  async #settle(lease: MessageLease, settlement: Settlement): Promise<void> {
    const { message } = lease;
    for (let tries = 0; !lease.hasEnded; tries++) {
      try {
        const applied = Promise.race([this.#apply(lease, settlement), lease.ended]);
        if (settlement.kind === 'done' && tries === 0) this.#freeSlot(lease);
        const isTaken = await this.#inTime(applied, WAITING_SHARE);
        if (isTaken === undefined) throw new Error('Queue: the store has not answered');
        // While the lease lasts, only a try that rejected before can have ended it.
        if (isTaken || (tries > 0 && !lease.hasExpired)) return this.#onSettled(message, settlement);
        return this.#hooks.leaseLost(message);
      } catch (error) {
        this.#completing.delete(lease);
        if (!lease.hasEnded) this.#hooks.fault(error, settlement.kind);
      }
      const delay = Math.min(this.#settings.leaseTime / 10, 50 * 2 ** tries);
      await Promise.race([new Promise<void>((resolve) => setIdleTimer(resolve, delay)), lease.ended]);
    }
    this.#hooks.leaseLost(message);
  }

  /** Claims the next message while the completion of this one is under way. A store can do both in one step. */
  #freeSlot(lease: MessageLease): void {
    this.#completing.add(lease);
    if (this.#hasMore) this.#next();
  }

  #apply({ message, token }: MessageLease, settlement: Settlement): Promise<boolean> {
    const { id } = message;
    switch (settlement.kind) {
      case 'done':
        return this.#store.complete(id, token);
      case 'failed':
        return this.#store.putBack(id, token, { after: settlement.after, error: errorText(settlement.error) });
      case 'released':
        return this.#store.putBack(id, token, { after: settlement.after, error: null });
      case 'buried':
        return this.#store.bury(id, token, errorText(settlement.error));
    }
  }

  #onSettled(message: StoredMessage, settlement: Settlement): void {
    if ('after' in settlement) {
      if (settlement.after > 0) this.#arm(settlement.after);
      else this.#hasMore = true;
    }
    this.#hooks.settled(message, settlement);
  }

  #blockFor(delay: number): void {
    this.#blockedUntil = defaultClock() + delay;
    this.#arm(delay);
  }

  /** Looks for messages after so many milliseconds, unless it does so before. */
  #arm(delay: number): void {
    const due = defaultClock() + delay;
    if (this.#isClosed || this.#isPaused || due >= this.#due) return;
    this.#disarm();
    this.#due = due;
    this.#removeTimer = setIdleTimer(
      () => {
        this.#due = Number.POSITIVE_INFINITY;
        if (this.#claiming !== undefined) this.#isWoken = true;
        else this.#next();
      },
      Math.max(1, Math.min(delay, LONGEST_WAIT)),
    );
  }

  #disarm(): void {
    this.#removeTimer?.();
    this.#removeTimer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
  }
}

/** Longest wait of a timer, in milliseconds. */
const LONGEST_WAIT = 2_147_483_647;
