// What happened and when: the phases of the service and the transitions of the breakers. Times are milliseconds since
// the first phase began.

import type { CircuitBreaker, CircuitState } from 'fusewire';

export type State = CircuitState;

export interface PhaseMark {
  phase: string;
  at: number;
}

export interface Transition {
  breaker: string;
  from: State;
  to: State;
  reason: string;
  /** The count, rate or milliseconds that the reason is about. */
  observed: number | null;
  at: number;
  phase: string;
}

export class Journal {
  readonly phases: PhaseMark[] = [];
  readonly transitions: Transition[] = [];
  #start = performance.now();
  #end: number | undefined;

  get now(): number {
    return this.#end ?? performance.now() - this.#start;
  }

  enterPhase(phase: string): PhaseMark {
    if (this.phases.length === 0) this.#start = performance.now();
    const mark = { phase, at: this.now };
    this.phases.push(mark);
    return mark;
  }

  /** Stops the clock. */
  close(): void {
    this.#end = this.now;
  }

  follow(breaker: CircuitBreaker, onTransition: (transition: Transition) => void): void {
    breaker.on('stateChange', ({ from, to, reason, observed }) => {
      const phase = this.phases.at(-1)?.phase ?? '';
      const transition = { breaker: breaker.name, from, to, reason, observed, at: this.now, phase };
      this.transitions.push(transition);
      onTransition(transition);
    });
  }

  of(breaker: string): Transition[] {
    return this.transitions.filter((transition) => transition.breaker === breaker);
  }

  /** The most telling state of a breaker in [from, to): a probe is short, and worth seeing. */
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
