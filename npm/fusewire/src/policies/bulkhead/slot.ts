import { Rejection } from '../../run/promises.ts';
import { countUntilSettled } from '../../run/slot-holder.ts';
import type { SlotHolder, OverrunCounter } from '../../run/slot-holder.ts';
import type { LayerContext } from '../../run/layer-context.ts';

/** Who gives places to calls. */
export interface Places extends OverrunCounter {
  /** A call in that place has ended, well or not. Its work may go on. */
  ended(place: Place, failed: boolean, error: unknown): void;
  /** Nothing goes on in that place any more. */
  vacated(place: Place): void;
}

/**
 * A place in a bulkhead: a call's own until the call has ended, and all of its work. Places are used again and again, with the
 * handlers they were made with.
 */
export class Place implements SlotHolder {
  /** What the engine knows it by. */
  readonly ticket: number;
  /** Under which limit the engine gave it. */
  readonly era: number;
  /** The call that has it. */
  context: LayerContext | undefined;
  /** What the owner of the places remembers of the call. */
  began = 0;
  inFlight = 0;
  readonly #places: Places;
  /** What the call holds of other places around these. */
  #outer: SlotHolder | undefined;
  /** The call itself, and each piece of work that goes on after it. */
  #holders = 0;

  readonly onSuccess = (value: unknown): unknown => {
    this.#places.ended(this, false, undefined);
    this.#leave();
    return value;
  };

  readonly onFailure = (error: unknown): unknown => {
    this.#places.ended(this, true, error);
    this.#leave();
    return new Rejection(error);
  };

  constructor(places: Places, ticket: number, era: number) {
    this.#places = places;
    this.ticket = ticket;
    this.era = era;
  }

  /** Gives it to a call. */
  give(context: LayerContext): void {
    this.context = context;
    this.#outer = context.slotHolder;
    this.#holders = 1;
  }

  hold(work: Promise<unknown>): void {
    this.#holders++;
    this.#outer?.hold(work);
    countUntilSettled(this.#places, work, () => this.#leave());
  }

  #leave(): void {
    if (--this.#holders > 0) return;
    this.context = this.#outer = undefined;
    this.#places.vacated(this);
  }
}
