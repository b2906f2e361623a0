import { Rejection } from '../../run/promises.ts';
import { countUntilSettled } from '../../run/slot-holder.ts';
import type { SlotHolder, OverrunCounter } from '../../run/slot-holder.ts';
import type { LayerContext } from '../../run/layer-context.ts';

/** Owner of the slots of a bulkhead. */
export interface SlotOwner extends OverrunCounter {
  /** Called when the call in a slot has settled. Its work may still run. */
  onCallSettled(slot: Slot, failed: boolean, error: unknown): void;
  /** Called when the call in a slot and all of its work have settled. */
  onSlotFree(slot: Slot): void;
}

/**
 * One slot of a bulkhead. A call holds it until the call and all of its work have settled. Slots are reused, together with
 * their handlers, so that a call allocates none.
 */
export class Slot implements SlotHolder {
  /** Number by which the engine finds the slot. */
  readonly ticket: number;
  /** Generation of the limit under which the engine granted the slot. */
  readonly generation: number;
  /** Context of the call that holds the slot. */
  context: LayerContext | undefined;
  /** Start of the call, in milliseconds. Set by the adaptive limit. */
  startedAt = 0;
  /** Calls in flight when the call started. Set by the adaptive limit. */
  inFlight = 0;
  readonly #owner: SlotOwner;
  /** Holder of the slots of the bulkheads around this one. */
  #outerHolder: SlotHolder | undefined;
  /** Number of promises that hold the slot: the call, and each piece of work that runs on after it. */
  #holders = 0;

  readonly onSuccess = (value: unknown): unknown => {
    this.#owner.onCallSettled(this, false, undefined);
    this.#release();
    return value;
  };

  readonly onFailure = (error: unknown): unknown => {
    this.#owner.onCallSettled(this, true, error);
    this.#release();
    return new Rejection(error);
  };

  constructor(owner: SlotOwner, ticket: number, generation: number) {
    this.#owner = owner;
    this.ticket = ticket;
    this.generation = generation;
  }

  /** Assigns the slot to a call. */
  assign(context: LayerContext): void {
    this.context = context;
    this.#outerHolder = context.slotHolder;
    this.#holders = 1;
  }

  hold(work: Promise<unknown>): void {
    this.#holders++;
    this.#outerHolder?.hold(work);
    countUntilSettled(this.#owner, work, () => this.#release());
  }

  #release(): void {
    if (--this.#holders > 0) return;
    this.context = this.#outerHolder = undefined;
    this.#owner.onSlotFree(this);
  }
}
