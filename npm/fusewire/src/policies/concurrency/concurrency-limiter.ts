import { BULKHEAD_STATS, BULKHEAD_STATS_LENGTH } from '../../engine/codes.ts';
import type { Deadlines } from '../../time/deadlines.ts';
import { BulkheadFullError } from '../../errors/bulkhead-full-error.ts';
import { createError } from '../../errors/stacks.ts';
import { callInScope } from '../../run/async-scope.ts';
import { rejectedPromise } from '../../run/promises.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { Slot } from './slot.ts';
import { invoke } from '../../run/invoke.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { WaitingRun } from '../../run/waiting-run.ts';
import { isStreamCall } from '../../run/stream-call.ts';

/** Priority of calls without the option `priority`. */
const DEFAULT_PRIORITY = 2;

/** Stats of a bulkhead. */
export interface LimiterStats {
  readonly name: string;
  /** Number of slots: the most calls that may run at once. */
  readonly limit: number;
  /** Slots in use, including those of `overrunning`. */
  readonly running: number;
  /** Calls in the queue. */
  readonly waiting: number;
  /** Slots held by work that still runs although a timeout or an abort has ended its call. */
  readonly overrunning: number;
  /** All calls: those admitted, those rejected, those that left the queue, and those waiting. */
  readonly totalCalls: number;
  /** Calls that got a slot. */
  readonly totalAdmitted: number;
  /** Calls rejected because all slots were in use and the queue was full. */
  readonly totalRejected: number;
  /** Calls that waited in the full queue, and were rejected in favour of a call of higher priority. */
  readonly totalDisplaced: number;
  /** Calls rejected because they had waited for longer than `maxWait`. */
  readonly totalQueueTimeouts: number;
  /** Calls that ended while they waited: they were aborted, or the circuit around them had opened. */
  readonly totalAborted: number;
  /** Slots taken from work that still ran `abandonAfter` after its call had ended. */
  readonly totalAbandoned: number;
}

const row = new Float64Array(BULKHEAD_STATS_LENGTH);

/**
 * Base of the policies that limit how many calls run at once. A call takes a slot, or waits for one in a queue. The engine
 * decides which call is next, in `crates/limits-core/src/bulkhead.rs`.
 */
export abstract class ConcurrencyLimiter extends Policy<never, 'enqueue' | 'reject'> {
  /** @internal */
  overrunning = 0;
  /** @internal */
  readonly abandonDeadlines: Deadlines | undefined;
  readonly #handle: PolicyHandle;
  readonly #queueDeadlines: Deadlines | undefined;
  readonly #waiting = new Map<number, WaitingRun<Slot>>();
  /** Slots that no call waited for when they became free. The next call takes one without a call of the engine. */
  #freeSlots: Slot | undefined;
  #isGranting = false;
  /** Incremented when the limit changes. */
  #generation = 0;
  readonly #counts = {
    running: 0,
    totalCalls: 0,
    totalAdmitted: 0,
    totalRejected: 0,
    totalDisplaced: 0,
    totalQueueTimeouts: 0,
    totalAborted: 0,
    totalAbandoned: 0,
  };

  /** @internal */
  constructor(name: string, handle: PolicyHandle, maxWait: number | undefined, abandonAfter: number | undefined) {
    super(name);
    this.abandonDeadlines = abandonAfter === undefined ? undefined : handle.time.deadlinesOf(abandonAfter);
    this.#handle = handle;
    this.#queueDeadlines = maxWait === undefined ? undefined : handle.time.deadlinesOf(maxWait);
  }

  /** Returns the current stats. */
  getStats(): LimiterStats {
    this.#handle.readStats(row);
    const limit = row[BULKHEAD_STATS.limit] as number;
    return { name: this.name, limit, waiting: this.#waiting.size, overrunning: this.overrunning, ...this.#counts };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counts.totalCalls++;
    const free = this.#freeSlots;
    if (free !== undefined) {
      this.#freeSlots = free.nextFree;
      return this.start(free, work, outer);
    }
    const { engine, id } = this.#handle;
    // The ticket of a slot is positive, that of a place in the queue negative, and 0 if both are full.
    const ticket = engine.enter(id, outer.options?.priority ?? DEFAULT_PRIORITY);
    if (ticket > 0) return this.start(new Slot(this, ticket, this.#generation), work, outer);
    if (ticket < 0) return this.#wait(-ticket, work, outer);
    this.#counts.totalRejected++;
    const error = this.#error('full');
    if (this.listeners !== undefined) this.emit('reject', { error });
    return rejectedPromise(error);
  }

  /** Number of slots in use. @internal */
  get running(): number {
    return this.#counts.running;
  }

  /** Called when a call starts in a slot. @internal */
  onCallStarted(_slot: Slot): void {}

  /** @internal */
  onCallSettled(_slot: Slot, _rejected: boolean, _result: unknown): void {}

  /** @internal */
  onSlotFree(slot: Slot): void {
    this.#counts.running--;
    this.#release(slot);
  }

  /** Gives the place of work that does not end to another call. @internal */
  onSlotAbandoned({ ticket, generation }: Slot): void {
    this.#counts.running--;
    this.#counts.totalAbandoned++;
    this.#release(new Slot(this, ticket, generation));
  }

  /** Takes back the slot of a call that does not start after its wait. @internal */
  takeBack(slot: Slot): void {
    this.#counts.totalAborted++;
    this.#release(slot);
  }

  /** Keeps a free slot, or gives it to the next waiting call. */
  #release(slot: Slot): void {
    if (this.#waiting.size === 0 && slot.generation === this.#generation) {
      slot.nextFree = this.#freeSlots;
      this.#freeSlots = slot;
      return;
    }
    this.#handle.engine.leave(this.#handle.id, slot.ticket);
    this.#startWaiting();
  }

  /** Changes the limit. Slots of the old generation go back to the engine when they become free. @internal */
  protected setLimit(limit: number): void {
    const { engine, id } = this.#handle;
    this.#generation++;
    for (let slot = this.#freeSlots; slot !== undefined; slot = slot.nextFree) engine.leave(id, slot.ticket);
    this.#freeSlots = undefined;
    engine.setLimit(id, limit);
    this.#startWaiting();
  }

  /**
   * Starts the waiting calls for which the engine has a slot. A trapped engine grants a slot to every one of them. A call that
   * does not start gives its slot back to the same loop.
   */
  #startWaiting(): void {
    if (this.#isGranting) return;
    this.#isGranting = true;
    try {
      this.#grantSlots();
    } finally {
      this.#isGranting = false;
    }
  }

  #grantSlots(): void {
    const { engine, id } = this.#handle;
    for (let ticket = engine.next(id); ticket !== 0; ticket = engine.next(id)) {
      const waiting = this.#waiting.get(ticket) ?? this.#waiting.values().next().value;
      if (waiting === undefined) return;
      this.#waiting.delete(waiting.ticket);
      waiting.grant(new Slot(this, ticket, this.#generation));
    }
  }

  /** Starts a call in a slot. @internal */
  start(slot: Slot, work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counts.running++;
    this.#counts.totalAdmitted++;
    try {
      slot.assign(outer);
      this.onCallStarted(slot);
      // Nothing but a stream looks for the run around the work of the user itself.
      return slot.startWork(work, work === invoke && !isStreamCall(outer) ? outer : outer.within(slot));
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      this.#counts.running--;
      slot.isOpen = false;
      slot.nextFree = this.#freeSlots;
      this.#freeSlots = slot;
      throw error;
    }
  }

  #wait(ticket: number, work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#displace();
    const waiting = new WaitingRun<Slot>(this, work, outer, ticket);
    this.#waiting.set(ticket, waiting);
    if (this.listeners !== undefined) this.emit('enqueue', { waiting: this.#waiting.size });
    return waiting.wait(this.#queueDeadlines);
  }

  /** Ends the call that the engine has just displaced, if there is one. */
  #displace(): void {
    const { engine, id } = this.#handle;
    const displaced = this.#waiting.get(engine.displaced(id));
    if (displaced === undefined) return;
    this.#waiting.delete(displaced.ticket);
    this.#counts.totalDisplaced++;
    const error = this.#error('displaced');
    displaced.drop(error);
    if (this.listeners !== undefined) callInScope(displaced.scope, () => this.emit('reject', { error }));
  }

  /** Removes a call that ends before it gets a slot. @internal */
  leave({ ticket }: WaitingRun<Slot>, timedOut: boolean): void {
    if (timedOut) this.#counts.totalQueueTimeouts++;
    else this.#counts.totalAborted++;
    this.#waiting.delete(ticket);
    this.#handle.engine.cancel(this.#handle.id, ticket);
  }

  /** @internal */
  onTimeout(error: unknown): void {
    if (this.listeners !== undefined) this.emit('reject', { error });
  }

  /** @internal */
  timeoutError(): BulkheadFullError {
    return this.#error('queue-timeout');
  }

  #error(reason: BulkheadFullError['reason']): BulkheadFullError {
    return createError(false, BulkheadFullError, this.name, reason, this.#counts.running, this.#waiting.size);
  }
}
