/** Plays a case over an engine, and reads everything after each action. */
import { EXPLAIN_LENGTH, OUTCOME, OVERRIDE, STATS_LENGTH } from '../../npm/fusewire/src/engine/codes.ts';
import type { Engine } from '../conformance/engines.ts';
import { decoded, type Case, type Step } from './cases.ts';

/** How many numbers an engine can be asked for: the stats, then the explanation. */
export const READINGS = STATS_LENGTH + EXPLAIN_LENGTH;

/** Receives the answer of an action, and the state word and readings after it. The arrays are reused by the next action. */
export type Observer = (admission: number | null, word: number, readings: Float64Array) => void;

/** Runs a case over an engine. */
export function play(engine: Engine, played: Case, see: Observer): void {
  const made = engine.create(played.options, played.at ?? 0);
  if (typeof made !== 'number') throw new Error(`refused: ${JSON.stringify(made)}`);
  const player = new Player(engine, made, played, see);
  try {
    for (const step of played.steps) player.step(step);
  } finally {
    player.end();
  }
}

class Player {
  readonly #engine: Engine;
  readonly #options: object;
  readonly #permits = new Map<string, number>();
  readonly #holds = new Map<string, number>();
  readonly #see: Observer;
  readonly #readings = new Float64Array(READINGS);
  readonly #stats = this.#readings.subarray(0, STATS_LENGTH);
  readonly #explanation = this.#readings.subarray(STATS_LENGTH);
  #handle: number;
  #now: number;

  constructor(engine: Engine, handle: number, played: Case, see: Observer) {
    this.#engine = engine;
    this.#handle = handle;
    this.#options = played.options;
    this.#now = played.at ?? 0;
    this.#see = see;
  }

  end(): void {
    this.#engine.free(this.#handle);
  }

  step(step: Step): void {
    if (step.at !== undefined) this.#now = decoded(step.at);
    for (let time = 0; time < (step.times ?? 1); time++) {
      if (time > 0) this.#now += step.every ?? 0;
      this.#act(step);
    }
  }

  #act(step: Step): void {
    const engine = this.#engine;
    const [handle, now] = [this.#handle, this.#now];
    switch (step.do) {
      case 'admit': {
        const permit = this.#admit();
        if (permit >= 0 && step.as !== undefined) this.#permits.set(step.as, permit);
        return;
      }
      case 'call': {
        const permit = this.#admit();
        if (permit >= 0) this.#settle(permit, step);
        return;
      }
      case 'settle': {
        const permit = this.#permits.get(step.permit as string);
        if (permit !== undefined) this.#settle(permit, step);
        return;
      }
      case 'poll':
        engine.poll(handle, now);
        break;
      case 'look':
        engine.stats(handle, now, this.#stats);
        break;
      case 'forceOpen':
        this.#override(OVERRIDE.FORCED_OPEN, step);
        break;
      case 'forceClosed':
        this.#override(OVERRIDE.FORCED_CLOSED, step);
        break;
      case 'shadow':
        this.#override(OVERRIDE.SHADOW, step);
        break;
      case 'releaseOverride':
        engine.setOverride(handle, OVERRIDE.NONE, now);
        break;
      case 'release': {
        const hold = this.#holds.get(step.hold as string);
        if (hold === undefined) return;
        engine.release(handle, hold, now);
        break;
      }
      case 'open':
        engine.open(handle, step.openFor ?? NaN, now);
        break;
      case 'reset':
        engine.reset(handle, now);
        break;
      case 'restore':
        this.#restore(step);
        break;
    }
    this.#tell(null);
  }

  #admit(): number {
    const admission = this.#engine.admit(this.#handle, this.#now);
    this.#tell(admission);
    return admission;
  }

  #override(code: number, { as: name }: Step): void {
    const hold = this.#engine.setOverride(this.#handle, code, this.#now);
    if (name !== undefined) this.#holds.set(name, hold);
  }

  #settle(permit: number, { outcome = 'success', duration = NaN, openFor }: Step): void {
    if (openFor === undefined) {
      const code = OUTCOME[outcome.toUpperCase() as keyof typeof OUTCOME];
      this.#engine.settle(this.#handle, permit, code, this.#now, duration);
    } else {
      this.#engine.settleOpenFor(this.#handle, permit, this.#now, duration, openFor);
    }
    this.#tell(null);
  }

  #restore(step: Step): void {
    const snapshot = this.#engine.snapshot(this.#handle, this.#now);
    this.#engine.free(this.#handle);
    this.#now = step.restoreAt ?? this.#now;
    const made = this.#engine.restore(this.#options, JSON.parse(JSON.stringify(snapshot)) as object, this.#now);
    if (typeof made !== 'number') throw new Error(`refused: ${JSON.stringify(made)}`);
    this.#handle = made;
    this.#permits.clear();
    this.#holds.clear();
  }

  #tell(admission: number | null): void {
    const engine = this.#engine;
    const word = engine.word(this.#handle);
    engine.stats(this.#handle, this.#now, this.#stats);
    engine.explain(this.#handle, this.#now, this.#explanation);
    this.#see(admission, word, this.#readings);
  }
}
