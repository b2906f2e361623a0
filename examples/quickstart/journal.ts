// Record of a run: the phases of the service and the transitions of the breakers. Times are in milliseconds since the
// first phase began.

import type { CircuitBreaker, CircuitState } from 'fusewire';

export type State = CircuitState;

/** Start of a phase. */
export interface PhaseMark {
  phase: string;
  at: number;
}

/** One transition of a breaker. */
export interface Transition {
  breaker: string;
  from: State;
  to: State;
  reason: string;
  /** Count, rate or milliseconds that the reason refers to. */
  observed: number | null;
  at: number;
  phase: string;
}

/** The record. It ends with `close()`; later transitions are not part of the script. */
export class Journal {
  readonly phases: PhaseMark[] = [];
  readonly transitions: Transition[] = [];
  /** Time of the first phase, on the clock of `performance.now()`. */
  start = performance.now();
  #end: number | undefined;

  get now(): number {
    return this.#end ?? performance.now() - this.start;
  }

  enterPhase(phase: string): PhaseMark {
    if (this.phases.length === 0) this.start = performance.now();
    const mark = { phase, at: this.now };
    this.phases.push(mark);
    return mark;
  }

  /**
   * Returns the end of each phase of the script. A phase ended when the next one began; a phase to come is taken to last
   * as long as the script says.
   */
  ends(phases: readonly { duration: number }[]): number[] {
    let end = 0;
    return phases.map(({ duration }, index) => {
      const isLast = index === phases.length - 1;
      const planned = Math.max(
        (this.phases[index]?.at ?? end) + duration,
        index === this.phases.length - 1 ? this.now : 0,
      );
      end = this.phases[index + 1]?.at ?? (isLast && this.#end !== undefined ? this.#end : planned);
      return end;
    });
  }

  /** Stops the clock and the recording. */
  close(): void {
    this.#end = this.now;
  }

  /** Records the transitions of a breaker, and passes each one to `onTransition`. */
  follow(breaker: CircuitBreaker, onTransition: (transition: Transition) => void): void {
    breaker.on('stateChange', ({ from, to, reason, observed }) => {
      if (this.#end !== undefined) return;
      const phase = this.phases.at(-1)?.phase ?? '';
      const transition = { breaker: breaker.name, from, to, reason, observed, at: this.now, phase };
      this.transitions.push(transition);
      onTransition(transition);
    });
  }

  /** Returns the state of a breaker at the end of the record. */
  stateOf(breaker: string): State {
    return this.of(breaker).at(-1)?.to ?? 'CLOSED';
  }

  of(breaker: string): Transition[] {
    return this.transitions.filter((transition) => transition.breaker === breaker);
  }

  /** Returns the state of a breaker in [from, to): the rarest one, since a half-open state lasts only for a moment. */
  stateDuring(breaker: string, from: number, to: number): State {
    let state: State = 'CLOSED';
    const seen = new Set<State>();
    for (const transition of this.of(breaker)) {
      if (transition.at >= to) break;
      if (transition.at < from) state = transition.to;
      else seen.add(transition.to);
    }
    seen.add(state);
    return (['HALF_OPEN', 'OPEN', 'CLOSED'] as const).find((candidate) => seen.has(candidate)) ?? state;
  }
}
