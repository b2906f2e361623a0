import type { LayerContext } from '../../run/layer-context.ts';
import { LimitedRun } from '../../run/limited-run.ts';
import type { Deadlines } from '../../time/deadlines.ts';

/** Owner of the slots of a bulkhead. */
export interface SlotOwner {
  /** Slots whose call has ended, although its work still runs. */
  overrunning: number;
  /** Time for which work may hold its slot after its call has ended; undefined for no limit. */
  readonly abandonDeadlines: Deadlines | undefined;
  /** Called when the call in a slot has settled. Its work may still run. */
  onCallSettled(slot: Slot, failed: boolean, error: unknown): void;
  /** Called when the call in a slot and all of its work have settled. */
  onSlotFree(slot: Slot): void;
  /** Called when the work in a slot has held it for too long after its call had ended. The work may still run. */
  onSlotAbandoned(slot: Slot): void;
}

/** One slot of a bulkhead. A call holds it until all of its work has settled. Then another call uses it. */
export class Slot extends LimitedRun {
  /** Number by which the engine finds the slot. */
  readonly ticket: number;
  /** Generation of the limit under which the engine granted the slot. */
  readonly generation: number;
  /** Context of the call that holds the slot. */
  context: LayerContext | undefined;
  /** Start of the call, in milliseconds. Set by the adaptive bulkhead. */
  startedAt = 0;
  /** Calls in flight when the call started. Set by the adaptive bulkhead. */
  inFlight = 0;
  /** Next free slot. */
  nextFree: Slot | undefined;
  readonly #owner: SlotOwner;
  #isOverrunning = false;
  /** Whether another slot has taken the ticket, because the work did not end. */
  #isAbandoned = false;

  constructor(owner: SlotOwner, ticket: number, generation: number) {
    super();
    this.#owner = owner;
    this.ticket = ticket;
    this.generation = generation;
  }

  /** Assigns the slot to a call. */
  assign(context: LayerContext): void {
    this.isOpen = true;
    this.context = context;
    this.parent = context.run;
    this.listenTo(context.abortSource);
  }

  /** Counts a call that was aborted. The slot itself stays in use until the work has settled. */
  override end(): void {
    if (this.isOpen) this.#overrun();
  }

  protected override succeeded(value: unknown): unknown {
    if (!this.#isAbandoned) this.#owner.onCallSettled(this, false, undefined);
    return this.resolve(value);
  }

  protected override failed(error: unknown): unknown {
    if (!this.#isAbandoned) this.#owner.onCallSettled(this, true, error);
    return this.reject(error);
  }

  protected override close(): void {
    super.close();
    if (!this.holdsWork || this.#isAbandoned) return;
    if (this.#isOverrunning) this.#startAbandonDeadline();
    else this.#overrun();
  }

  override expire(): void {
    this.stopDeadline();
    this.timedOut();
  }

  protected override timedOut(): void {
    this.#isAbandoned = true;
    this.#isOverrunning = false;
    this.#owner.overrunning--;
    if (this.isOpen) this.#owner.onCallSettled(this, true, undefined);
    this.#owner.onSlotAbandoned(this);
  }

  protected override idle(): void {
    this.stopDeadline();
    if (this.#isOverrunning) this.#owner.overrunning--;
    this.#isOverrunning = false;
    this.context = this.parent = undefined;
    if (!this.#isAbandoned) this.#owner.onSlotFree(this);
  }

  #overrun(): void {
    if (this.#isOverrunning || this.#isAbandoned) return;
    this.#isOverrunning = true;
    this.#owner.overrunning++;
    this.#startAbandonDeadline();
  }

  #startAbandonDeadline(): void {
    const deadlines = this.#owner.abandonDeadlines;
    if (deadlines !== undefined) this.startDeadline(deadlines);
  }
}
