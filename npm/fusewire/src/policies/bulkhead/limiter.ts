import { BULKHEAD_STATS, BULKHEAD_STATS_LENGTH } from '../../engine/codes.ts';
import { deadlinesOf } from '../../time/deadlines.ts';
import type { Deadlines } from '../../time/deadlines.ts';
import { BulkheadFullError, createError } from '../../errors.ts';
import { Rejection, rejectedPromise, whenSettled } from '../../run/promises.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import type { Part } from '../policy-handle.ts';
import { Place } from './slot.ts';
import { invoke, Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { WaitingCall } from '../../run/waiting-call.ts';

/** The priority of calls that say nothing. */
const DEFAULT_PRIORITY = 2;

/** What became of the calls that wanted a place. */
export interface LimiterStats {
  readonly name: string;
  /** How many places there are. */
  readonly limit: number;
  /** Places that are taken, those of `overrunning` among them. */
  readonly running: number;
  /** Calls in the queue. */
  readonly waiting: number;
  /** Places that are kept for work which goes on although its call has ended, by a timeout or an abort. */
  readonly overrunning: number;
  /** Calls ever made: those admitted, those rejected, those that left the queue, and those waiting. */
  readonly totalCalls: number;
  /** Calls that got a place. */
  readonly totalAdmitted: number;
  /** Calls that were rejected because all was full. */
  readonly totalRejected: number;
  /** Calls that were rejected because they had waited for too long. */
  readonly totalQueueTimeouts: number;
  /** Calls that were aborted while they waited. */
  readonly totalAborted: number;
}

const row = new Float64Array(BULKHEAD_STATS_LENGTH);

/** Gives places to calls, which may wait for one. Who gets the next is decided in `crates/limits-core/src/bulkhead.rs`. */
export abstract class Limiter extends Policy {
  /** @internal */
  overrunning = 0;
  /** @internal */
  readonly part: Part;
  readonly #deadlines: Deadlines | undefined;
  readonly #waiting = new Map<number, WaitingCall>();
  /** Places that nobody waited for when they became free: the next call has one without asking the engine. */
  readonly #free: Place[] = [];
  /** Moves when the limit does. */
  #era = 0;
  readonly #counted = {
    running: 0,
    totalCalls: 0,
    totalAdmitted: 0,
    totalRejected: 0,
    totalQueueTimeouts: 0,
    totalAborted: 0,
  };

  /** @internal */
  constructor(name: string, part: Part, queueTimeout: number | undefined) {
    super(name);
    this.part = part;
    this.#deadlines = queueTimeout === undefined ? undefined : deadlinesOf(queueTimeout);
  }

  /** Everything that is counted, as of now. */
  getStats(): LimiterStats {
    this.part.read(row);
    const limit = row[BULKHEAD_STATS.limit] as number;
    return { name: this.name, limit, waiting: this.#waiting.size, overrunning: this.overrunning, ...this.#counted };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counted.totalCalls++;
    const free = this.#free.pop();
    if (free !== undefined) return this.#start(free, work, outer);
    const { engine, handle } = this.part;
    const ticket = engine.enter(handle, outer.options?.priority ?? DEFAULT_PRIORITY);
    if (ticket > 0) return this.#start(new Place(this, ticket, this.#era), work, outer);
    if (ticket < 0) return this.#wait(-ticket, work, outer);
    this.#counted.totalRejected++;
    return rejectedPromise(createError(false, BulkheadFullError, this.name, 'full'));
  }

  /** How many places are taken. @internal */
  get running(): number {
    return this.#counted.running;
  }

  /** A call has got a place. @internal */
  began(_place: Place): void {}

  /** @internal */
  ended(_place: Place, _failed: boolean, _error: unknown): void {}

  /** @internal */
  vacated(place: Place): void {
    this.#counted.running--;
    if (this.#waiting.size === 0 && place.era === this.#era) {
      this.#free.push(place);
      return;
    }
    this.part.engine.leave(this.part.handle, place.ticket);
    this.#startNext();
  }

  /** Has another limit hold from now on. Places of the time before are given up as they become free. @internal */
  protected setLimit(limit: number): void {
    const { engine, handle } = this.part;
    this.#era++;
    for (const { ticket } of this.#free.splice(0)) engine.leave(handle, ticket);
    engine.setLimit(handle, limit);
    this.#startNext();
  }

  /** Has those start who wait, where the engine has a place for them; all of them where there is no engine any more. */
  #startNext(): void {
    const { engine, handle } = this.part;
    for (let ticket = engine.next(handle); ticket !== 0; ticket = engine.next(handle)) {
      const waiting = this.#waiting.get(ticket) ?? this.#waiting.values().next().value;
      if (waiting === undefined) return;
      this.#waiting.delete(waiting.ticket);
      const place = new Place(this, ticket, this.#era);
      waiting.finishWith(() => this.#start(place, waiting.work, waiting.outer));
    }
  }

  #start(place: Place, work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counted.running++;
    this.#counted.totalAdmitted++;
    place.give(outer);
    this.began(place);
    // Nothing inside can end a call early that has nothing inside and no abort: its context needs not know of the place.
    const context = work === invoke && outer.abortSource === undefined ? outer : outer.withSlotHolder(place);
    return whenSettled(work(context), place.onSuccess, place.onFailure);
  }

  #wait(ticket: number, work: LayerWork, outer: LayerContext): Promise<unknown> {
    const waiting = new WaitingCall(this, this.#deadlines, work, outer, ticket);
    this.#waiting.set(ticket, waiting);
    return waiting.promise;
  }

  /** @internal */
  timedOut(waiting: WaitingCall): void {
    this.#counted.totalQueueTimeouts++;
    this.#leaveQueue(waiting);
    waiting.finishWith(() => new Rejection(createError(false, BulkheadFullError, this.name, 'queue-timeout')));
  }

  /** @internal */
  aborted(waiting: WaitingCall): void {
    this.#counted.totalAborted++;
    this.#leaveQueue(waiting);
  }

  #leaveQueue({ ticket }: WaitingCall): void {
    this.#waiting.delete(ticket);
    this.part.engine.cancel(this.part.handle, ticket);
  }
}
