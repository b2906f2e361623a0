import type { CircuitBreaker, Override } from 'fusewire';
import { RequestProblem } from './problem.ts';
import type { SetTimer } from './timers.ts';

/** Override that an operator can set. */
export type HoldKind = Exclude<Override, 'NONE'>;

/** Override that an operator has set through the management API. */
export interface HoldView {
  readonly kind: HoldKind;
  readonly holder: string;
  readonly reason: string;
  /** In ISO 8601. */
  readonly since: string;
  /** Time at which the hold ends by itself, in ISO 8601; null if it does not. */
  readonly until: string | null;
}

interface Hold {
  readonly view: HoldView;
  readonly release: () => void;
  readonly stopTimer: () => void;
}

/** Most holders of one breaker. */
const MOST_HOLDERS = 32;

const FORCE = {
  FORCED_OPEN: (breaker) => breaker.forceOpen(),
  FORCED_CLOSED: (breaker) => breaker.forceClosed(),
  SHADOW: (breaker) => breaker.shadow(),
} as const satisfies Record<HoldKind, (breaker: CircuitBreaker) => () => void>;

/** Overrides that were set through the management API, with their holders. */
export class Holds {
  readonly #holds = new Map<CircuitBreaker, Map<string, Hold>>();
  readonly #setTimer: SetTimer;
  readonly #onExpire: (name: string, hold: HoldView) => void;

  /** @param onExpire is called after a hold has ended by itself. */
  constructor(setTimer: SetTimer, onExpire: (name: string, hold: HoldView) => void) {
    this.#setTimer = setTimer;
    this.#onExpire = onExpire;
  }

  /**
   * Sets an override for a holder, in place of the one that he had. A breaker that is forced open by several holders stays
   * so until each has released it; the other overrides replace those of everybody.
   *
   * @param ttl milliseconds until the hold ends by itself, or undefined.
   */
  set(breaker: CircuitBreaker, kind: HoldKind, holder: string, reason: string, ttl: number | undefined): HoldView {
    const holds = this.#of(breaker);
    if (!holds.has(holder) && holds.size >= MOST_HOLDERS)
      throw new RequestProblem(
        'conflict',
        `The breaker has ${MOST_HOLDERS} holders already; release one of them first`,
      );
    const release = FORCE[kind](breaker);
    for (const [other, hold] of holds) {
      if (other === holder) this.#end(breaker, other, hold);
      else if (hold.view.kind !== kind || kind !== 'FORCED_OPEN') this.#forget(breaker, other, hold);
    }
    const now = Date.now();
    const until = ttl === undefined ? null : new Date(now + ttl).toISOString();
    const view = { kind, holder, reason, since: new Date(now).toISOString(), until };
    const stopTimer = ttl === undefined ? () => undefined : this.#setTimer(() => this.#expire(breaker, holder), ttl);
    const current = this.#holds.get(breaker) ?? new Map<string, Hold>();
    this.#holds.set(breaker, current.set(holder, { view, release, stopTimer }));
    return view;
  }

  /** Releases the hold of one holder. Returns whether he had one. */
  release(breaker: CircuitBreaker, holder: string): boolean {
    const hold = this.#of(breaker).get(holder);
    if (hold !== undefined) this.#end(breaker, holder, hold);
    return hold !== undefined;
  }

  /** Forgets the holds of a breaker whose override was released or replaced as a whole. */
  forgetAll(breaker: CircuitBreaker): void {
    for (const [holder, hold] of this.#holds.get(breaker) ?? []) this.#forget(breaker, holder, hold);
  }

  /** Returns the holds of a breaker. */
  list(breaker: CircuitBreaker): HoldView[] {
    return [...this.#of(breaker).values()].map(({ view }) => view);
  }

  /** Removes all timers. The overrides stay. */
  close(): void {
    for (const [breaker] of this.#holds) this.forgetAll(breaker);
  }

  /** Returns the holds of a breaker that still exist: a reset, or another part of the program, may have ended them. */
  #of(breaker: CircuitBreaker): ReadonlyMap<string, Hold> {
    const holds = this.#holds.get(breaker);
    if (holds === undefined) return new Map();
    const override = breaker.disposed ? 'NONE' : breaker.override;
    for (const [holder, hold] of holds) if (hold.view.kind !== override) this.#forget(breaker, holder, hold);
    return holds;
  }

  #expire(breaker: CircuitBreaker, holder: string): void {
    const hold = this.#of(breaker).get(holder);
    if (hold === undefined) return;
    this.#end(breaker, holder, hold);
    this.#onExpire(breaker.name, hold.view);
  }

  #end(breaker: CircuitBreaker, holder: string, hold: Hold): void {
    this.#forget(breaker, holder, hold);
    hold.release();
  }

  #forget(breaker: CircuitBreaker, holder: string, hold: Hold): void {
    hold.stopTimer();
    const holds = this.#holds.get(breaker);
    holds?.delete(holder);
    if (holds?.size === 0) this.#holds.delete(breaker);
  }
}
