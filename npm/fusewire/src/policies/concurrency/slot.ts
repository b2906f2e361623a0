import type { LayerContext } from '../../run/layer-context.ts';
import { Run } from '../../run/run.ts';

/** Owner of the slots of a bulkhead. */
export interface SlotOwner {
  /** Slots whose call has ended, although its work still runs. */
  overrunning: number;
  /** Called when the call in a slot has settled. Its work may still run. */
  onCallSettled(slot: Slot, rejected: boolean, result: unknown): void;
  /** Called when the call in a slot and all of its work have settled. */
  onSlotFree(slot: Slot): void;
}

/** One slot of a bulkhead. A call holds it until all of its work has settled. Then another call uses it. */
export class Slot extends Run {
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
    this.#owner.onCallSettled(this, false, value);
    return this.resolve(value);
  }

  protected override failed(error: unknown): unknown {
    this.#owner.onCallSettled(this, true, error);
    return this.reject(error);
  }

  protected override close(): void {
    super.close();
    if (this.holdsWork) this.#overrun();
  }

  protected override idle(): void {
    if (this.#isOverrunning) this.#owner.overrunning--;
    this.#isOverrunning = false;
    this.context = this.parent = undefined;
    this.#owner.onSlotFree(this);
  }

  #overrun(): void {
    if (this.#isOverrunning) return;
    this.#isOverrunning = true;
    this.#owner.overrunning++;
  }
}
