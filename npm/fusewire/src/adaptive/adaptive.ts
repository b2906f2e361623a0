import { createBackend } from '../engine/backend.ts';
import type { Backend, Problem } from '../engine/backend.ts';
import { CircuitBreaker, circuitOf } from '../breaker/circuit-breaker.ts';
import type { Circuit } from '../breaker/circuit.ts';
import { OUTCOME } from '../engine/codes.ts';
import { readOptions } from '../options/options-reader.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { createOptionsError } from '../options/options-error.ts';
import { isPlainObject } from '../options/plain-data.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import { ASK_MASK } from '../engine/state-word.ts';
import { readForecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import type { AdaptiveExplanation, AdaptiveOptions, AdaptiveStats } from './options.ts';
import { NO_OVERRIDES, retune } from './schedule-entries.ts';
import type { ThresholdOverrides } from './schedule-entries.ts';
import { readSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';

const SUBJECT = 'Adaptive breaker';
const adaptiveByCircuit = new WeakMap<Circuit, { readonly options: unknown; readonly adaptive: Adaptive }>();

/** Adapts the thresholds of a breaker. It wraps the backend of the circuit, and needs no timer. */
export class Adaptive {
  /** Breaker that adapts. */
  readonly breaker: CircuitBreaker;
  readonly #circuit: Circuit;
  readonly #schedule: Schedule | undefined;
  readonly #forecast: Forecast | undefined;
  readonly #backend: Backend;
  readonly #wrappedBackend: Backend;
  /** Thresholds of the entry that holds. */
  #thresholds: ThresholdOverrides = NO_OVERRIDES;

  /** @internal */
  constructor(breaker: CircuitBreaker, schedule: Schedule | undefined, forecast: Forecast | undefined) {
    this.breaker = breaker;
    this.#circuit = circuitOf(breaker);
    this.#schedule = schedule;
    this.#forecast = forecast;
    this.#backend = this.#circuit.backend;
    this.#wrappedBackend = this.#circuit.backend = this.#wrap(this.#backend);
    this.#applySchedule(this.#circuit.clock());
  }

  /** Returns the current entry of the schedule, and the totals of the predictions. */
  getStats(): AdaptiveStats {
    return { ...this.#scheduleState(), prediction: this.#forecast?.stats(this.#circuit.clock()) ?? null };
  }

  /** Returns the current entry of the schedule, and the current forecast. */
  explain(): AdaptiveExplanation {
    return { ...this.#scheduleState(), foreseen: this.#forecast?.foreseen(this.#circuit.clock()) ?? null };
  }

  /** Stops adapting: the breaker has its own thresholds again, and nothing is predicted. */
  stop(): void {
    adaptiveByCircuit.delete(this.#circuit);
    if (this.#circuit.backend !== this.#wrappedBackend) return;
    this.#circuit.poll();
    this.#circuit.backend = this.#backend;
    this.#retune(NO_OVERRIDES, this.#circuit.clock());
  }

  #scheduleState() {
    if (this.#circuit.backend === this.#wrappedBackend) {
      this.#circuit.poll();
      this.#applySchedule(this.#circuit.clock());
    }
    const { entry = -1, changesAt = Number.POSITIVE_INFINITY } = this.#schedule ?? {};
    return {
      name: this.breaker.name,
      entry: entry < 0 ? null : entry,
      entryChangesAt: Number.isFinite(changesAt) ? new Date(changesAt) : null,
    };
  }

  /** Applies the thresholds of the entry that holds now, if they have changed. */
  #applySchedule(now: number): void {
    const thresholds = this.#schedule?.update();
    if (thresholds !== undefined) this.#retune(thresholds, now);
  }

  /**
   * Applies the schedule unless a transition may be due. An event reads the state before the transition through `explain`,
   * while the transition is due. Every other reader has polled before, which applied the schedule.
   */
  #applyScheduleUnlessDue(now: number): void {
    if ((this.#circuit.word & ASK_MASK) === 0) this.#applySchedule(now);
  }

  #retune(thresholds: ThresholdOverrides, now: number): void {
    this.#thresholds = thresholds;
    retune(this.#backend, this.#circuit.handle, thresholds, now);
    this.#forecast?.updateRules();
  }

  /** Returns a backend that applies the schedule before it calls `backend`, and records outcomes in the forecast after it. */
  #wrap(backend: Backend): Backend {
    return createBackend(backend.kind, {
      ...backend,
      poll: (handle, now) => {
        const word = backend.poll(handle, now);
        // The circuit polls again after each transition. The thresholds change when no transition is due any more: retune()
        // would make the transitions that are due without emitting them.
        if (word === this.#circuit.word) this.#applySchedule(now);
        this.#forecast?.observe(word, now);
        return word;
      },
      admit: (handle, now) => {
        this.#applySchedule(now);
        return backend.admit(handle, now);
      },
      settle: (handle, permit, outcome, now, duration) => {
        this.#applySchedule(now);
        const word = backend.settle(handle, permit, outcome, now, duration);
        return this.#onSettled(word, permit, outcome, now, duration);
      },
      settleOpenFor: (handle, permit, now, duration, openFor) => {
        this.#applySchedule(now);
        const word = backend.settleOpenFor(handle, permit, now, duration, openFor);
        return this.#onSettled(word, permit, OUTCOME.FAILURE, now, duration);
      },
      reconfigure: (handle, options, now) => {
        const problems = backend.reconfigure(handle, options, now);
        this.#retune(this.#thresholds, now);
        return problems;
      },
      stats: (handle, now, out) => {
        this.#applyScheduleUnlessDue(now);
        backend.stats(handle, now, out);
      },
      explain: (handle, now, out) => {
        this.#applyScheduleUnlessDue(now);
        backend.explain(handle, now, out);
      },
    });
  }

  /** Records an outcome in the forecast. Emits a prediction that it causes, and opens the circuit in `'enforce'` mode. */
  #onSettled(word: number, permit: number, outcome: number, now: number, duration: number): number {
    const forecast = this.#forecast;
    const foreseen = forecast?.recordOutcome(word, permit, outcome, now, duration);
    if (forecast === undefined || foreseen === undefined) return word;
    forecast.emit(foreseen);
    if (forecast.mode === 'shadow') return word;
    const opened = this.#backend.openEarly(this.#circuit.handle, foreseen.observed, foreseen.threshold, now);
    forecast.recordEnforced(opened, now);
    return opened;
  }
}

/**
 * Adapts the thresholds of a breaker: to the time of the week, by a schedule; and to trends, by a forecast of when its
 * failures or response times will open the circuit. A prediction emits a `prediction` event, is logged, and appears in
 * `explain()`. In `'shadow'` mode, the default, it rejects no calls.
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
 * New thresholds apply from the next outcome on, or when the next call becomes overdue. Transitions that are due before are
 * made by the old thresholds. State, window and totals stay. There is no timer: the schedule is checked when calls are made
 * and when stats are read. The same options for the same breaker return the same object.
 *
 * @throws {OptionsError} with all problems of the options.
 * @throws {Error} if the breaker adapts already, with other options.
 */
export function adaptive(breaker: CircuitBreaker, options: AdaptiveOptions): Adaptive {
  if (!(breaker instanceof CircuitBreaker)) {
    const problem: Problem = { option: 'breaker', kind: 'type', expected: 'a CircuitBreaker of this copy of fusewire' };
    throw createOptionsError(SUBJECT, 'adaptive', { breaker }, [problem]);
  }
  const circuit = circuitOf(breaker);
  const existing = adaptiveByCircuit.get(circuit);
  if (existing !== undefined) {
    if (existing.options === options) return existing.adaptive;
    throw new Error(
      `${SUBJECT} ${breaker.name}: adapts already with other options; call stop() on the first one before`,
    );
  }
  const reader = readOptions(SUBJECT, breaker.name, options);
  if ((options as OptionsObject)['name'] !== undefined) reader.report('name', 'unknown', '');
  if (circuit.shared) reader.report('breaker', 'conflict', "one whose scope is 'local'");
  const scheduleOptions = readObject(reader, 'schedule');
  const predictionOptions = readObject(reader, 'prediction');
  if (reader.value('schedule') === undefined && reader.value('prediction') === undefined) {
    reader.report('schedule', 'missing', 'given, or prediction');
  }
  const schedule =
    scheduleOptions &&
    readSchedule(reader, scheduleOptions, thresholdCheckOf(circuit), (clock) => guardedClock(circuit, clock));
  const forecast = predictionOptions && readForecast(reader, predictionOptions, circuit);
  reader.finish();
  circuit.poll();
  const created = new Adaptive(breaker, schedule, forecast);
  adaptiveByCircuit.set(circuit, { options, adaptive: created });
  return created;
}

/** Reads an option that is an object, if it is set. */
function readObject(reader: OptionsReader, option: 'schedule' | 'prediction'): OptionsObject | undefined {
  const value = reader.value(option);
  if (value === undefined) return undefined;
  if (isPlainObject(value)) return value;
  reader.report(option, 'type', 'an object');
  return undefined;
}

/** Returns a function that lets the engine validate thresholds. The engine applies them, and then the former ones again. */
function thresholdCheckOf(circuit: Circuit): (thresholds: ThresholdOverrides) => readonly Problem[] {
  return (thresholds) => {
    circuit.poll();
    const { backend, handle } = circuit;
    const problems = retune(backend, handle, thresholds, circuit.clock());
    retune(backend, handle, NO_OVERRIDES, circuit.clock());
    return problems;
  };
}

/** Wraps the option `clock`: the result is NaN if the clock throws or returns no number. */
function guardedClock(circuit: Circuit, clock: () => unknown): () => number {
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
