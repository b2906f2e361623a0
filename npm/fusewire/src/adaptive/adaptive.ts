import { createBackend } from '../engine/backend.ts';
import type { Backend, Problem } from '../engine/backend.ts';
import { CircuitBreaker, circuitOf } from '../breaker/circuit-breaker.ts';
import type { Circuit } from '../breaker/circuit.ts';
import { OUTCOME } from '../engine/codes.ts';
import { readOptions } from '../options/options-reader.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { createOptionsError } from '../breaker/settings.ts';
import type { OptionsObject } from '../breaker/settings.ts';
import { ASK_MASK } from '../engine/state-word.ts';
import { OWN, retune } from './entries.ts';
import type { Thresholds } from './entries.ts';
import type { AdaptiveExplanation, AdaptiveOptions, AdaptiveStats } from './options.ts';
import { readPrediction } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import { readTimetable } from './timetable.ts';
import type { Timetable } from './timetable.ts';

const SUBJECT = 'Adaptive breaker';
const known = new WeakMap<Circuit, { readonly options: unknown; readonly adaptive: Adaptive }>();

/** What a breaker adapts to. It works between the circuit and its engine, where there is neither timer nor thread. */
export class Adaptive {
  /** The breaker that adapts. */
  readonly breaker: CircuitBreaker;
  readonly #circuit: Circuit;
  readonly #timetable: Timetable | undefined;
  readonly #prediction: Prediction | undefined;
  readonly #inner: Backend;
  readonly #outer: Backend;

  /** @internal */
  constructor(breaker: CircuitBreaker, timetable: Timetable | undefined, prediction: Prediction | undefined) {
    this.breaker = breaker;
    this.#circuit = circuitOf(breaker);
    this.#timetable = timetable;
    this.#prediction = prediction;
    this.#inner = this.#circuit.backend;
    this.#outer = this.#circuit.backend = this.#around(this.#inner);
    this.#look(this.#circuit.clock());
  }

  /** What was seen and how predictions turned out, as of now. */
  getStats(): AdaptiveStats {
    return { ...this.#position(), prediction: this.#prediction?.stats(this.#circuit.clock()) ?? null };
  }

  /** What holds now, and what is foreseen. */
  explain(): AdaptiveExplanation {
    return { ...this.#position(), foreseen: this.#prediction?.foreseen(this.#circuit.clock()) ?? null };
  }

  /** Ends it: the breaker has its own thresholds again, and nothing is predicted. */
  stop(): void {
    known.delete(this.#circuit);
    if (this.#circuit.backend !== this.#outer) return;
    this.#circuit.poll();
    this.#circuit.backend = this.#inner;
    this.#retune(OWN, this.#circuit.clock());
  }

  #position() {
    if (this.#circuit.backend === this.#outer) {
      this.#circuit.poll();
      this.#look(this.#circuit.clock());
    }
    const { entry = -1, changesAt = Number.POSITIVE_INFINITY } = this.#timetable ?? {};
    return {
      name: this.breaker.name,
      entry: entry < 0 ? null : entry,
      entryChangesAt: Number.isFinite(changesAt) ? new Date(changesAt) : null,
    };
  }

  /** Takes the thresholds that hold by now. */
  #look(now: number): void {
    const thresholds = this.#timetable?.look();
    if (thresholds !== undefined) this.#retune(thresholds, now);
  }

  /**
   * Takes the thresholds that hold by now, unless time may have made a transition due: an event reads the transition before
   * through `explain`. Whoever else reads has polled before, and so has looked.
   */
  #lookIfNothingIsDue(now: number): void {
    if ((this.#circuit.word & ASK_MASK) === 0) this.#look(now);
  }

  #retune(thresholds: Thresholds, now: number): void {
    retune(this.#inner, this.#circuit.handle, thresholds, now);
    this.#prediction?.retuned();
  }

  /** The engine with this before and after what it does. */
  #around(inner: Backend): Backend {
    const seen = (word: number, now: number) => {
      this.#prediction?.see(word, now);
      return word;
    };
    return createBackend(inner.kind, {
      ...inner,
      poll: (handle, now) => {
        const word = inner.poll(handle, now);
        // The circuit polls again after each transition. Thresholds change once nothing is due any more: retuning would make
        // the transitions that are due without emitting them.
        if (word === this.#circuit.word) this.#look(now);
        return seen(word, now);
      },
      admit: (handle, now) => {
        this.#look(now);
        return inner.admit(handle, now);
      },
      settle: (handle, permit, outcome, now, duration) => {
        this.#look(now);
        const word = inner.settle(handle, permit, outcome, now, duration);
        return this.#settled(word, permit, outcome, now, duration);
      },
      settleOpenFor: (handle, permit, now, duration, openFor) => {
        this.#look(now);
        const word = inner.settleOpenFor(handle, permit, now, duration, openFor);
        return this.#settled(word, permit, OUTCOME.FAILURE, now, duration);
      },
      stats: (handle, now, out) => {
        this.#lookIfNothingIsDue(now);
        inner.stats(handle, now, out);
      },
      explain: (handle, now, out) => {
        this.#lookIfNothingIsDue(now);
        inner.explain(handle, now, out);
      },
    });
  }

  #settled(word: number, permit: number, outcome: number, now: number, duration: number): number {
    const prediction = this.#prediction;
    const foreseen = prediction?.settled(word, permit, outcome, now, duration);
    if (prediction === undefined || foreseen === undefined) return word;
    prediction.tell(foreseen);
    if (prediction.mode === 'shadow') return word;
    const opened = this.#inner.openEarly(this.#circuit.handle, foreseen.observed, foreseen.threshold, now);
    prediction.enforced(opened, now);
    return opened;
  }
}

/**
 * Has a breaker adapt: to the time of the week, by a schedule of thresholds, and to where failures and response times are
 * heading, by predicting when its own rules will open its circuit. Predictions are told (`breaker.on('prediction', …)`),
 * and reject nothing unless `mode` is `'enforce'`.
 *
 * ```ts
 * const mpesa = new CircuitBreaker({ name: 'mpesa', failureRateThreshold: 0.5 });
 * adaptive(mpesa, {
 *   schedule: {
 *     timeZone: 'Africa/Nairobi',
 *     entries: [{ days: 'weekdays', from: '08:00', to: '18:00', failureRateThreshold: 0.7 }],
 *   },
 *   prediction: { mode: 'shadow' },
 * });
 * ```
 *
 * New thresholds are checked from the next outcome on, or when the next call becomes overdue; transitions that are due before
 * are made by the thresholds so far. State, window and totals stay. There is no timer: the time is looked
 * at when calls are made and stats are read. The same options for the same breaker give what was made of them before.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 * @throws {Error} if the breaker adapts already, by other options.
 */
export function adaptive(breaker: CircuitBreaker, options: AdaptiveOptions): Adaptive {
  if (!(breaker instanceof CircuitBreaker)) {
    const problem: Problem = { option: 'breaker', kind: 'type', expected: 'a CircuitBreaker' };
    throw createOptionsError('adaptive', { breaker }, [problem], SUBJECT);
  }
  const circuit = circuitOf(breaker);
  const before = known.get(circuit);
  if (before !== undefined) {
    if (before.options === options) return before.adaptive;
    throw new Error(`${SUBJECT} ${breaker.name}: it adapts already, by other options; stop() ends that`);
  }
  const reader = readOptions(SUBJECT, breaker.name, options);
  if ((options as OptionsObject)['name'] !== undefined) reader.report('name', 'unknown', '');
  if (circuit.shared) reader.report('breaker', 'conflict', "one whose scope is 'local'");
  const schedule = optional(reader, 'schedule');
  const prediction = optional(reader, 'prediction');
  if (reader.value('schedule') === undefined && reader.value('prediction') === undefined) {
    reader.report('schedule', 'missing', 'given, or prediction');
  }
  const timetable = schedule && readTimetable(reader, schedule, checkOf(circuit), (clock) => guarded(circuit, clock));
  const forecast = prediction && readPrediction(reader, prediction, circuit);
  reader.finish();
  circuit.poll();
  const made = new Adaptive(breaker, timetable, forecast);
  known.set(circuit, { options, adaptive: made });
  return made;
}

/** An option that is an object, if it is given. */
function optional(reader: OptionsReader, option: 'schedule' | 'prediction'): OptionsObject | undefined {
  const value = reader.value(option);
  if (value === undefined) return undefined;
  if (Object.prototype.toString.call(value) === '[object Object]') return value as OptionsObject;
  reader.report(option, 'type', 'an object');
  return undefined;
}

/** What the engine finds wrong with thresholds, which it takes for a moment in which nothing is judged. */
function checkOf(circuit: Circuit): (thresholds: Thresholds) => readonly Problem[] {
  return (thresholds) => {
    circuit.poll();
    const { backend, handle } = circuit;
    const problems = retune(backend, handle, thresholds, circuit.clock());
    retune(backend, handle, OWN, circuit.clock());
    return problems;
  };
}

/** A clock that somebody gave: what is no number is no time. */
function guarded(circuit: Circuit, clock: () => unknown): () => number {
  return () => {
    try {
      const now = clock();
      return typeof now === 'number' ? now : Number.NaN;
    } catch (error) {
      circuit.recordFault('predicateErrors', 'the clock of the schedule failed', error);
      return Number.NaN;
    }
  };
}
