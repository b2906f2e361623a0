import type { Circuit } from '../breaker/circuit.ts';
import {
  FORECAST_STATS,
  FORECAST_STATS_LENGTH,
  OUTCOME,
  POLICY,
  RULES_LENGTH,
  SIGN,
  STATE,
  WORD,
} from '../engine/codes.ts';
import type { PredictionEvent, PredictionSign } from '../breaker/events.ts';
import { policyEngine } from '../engine/policy-engine-loader.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { PolicyHandle } from '../policies/policy-handle.ts';
import { loadEngineFor } from '../errors/engine-load-error.ts';
import { numberOrZero, numberOrNull } from '../engine/readings.ts';
import { log } from '../logging.ts';
import { toPlainData } from '../options/plain-data.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import type { Foreseen, PredictionStats } from './options.ts';

/** Options that the engine checks. */
const ENGINE_OPTIONS = ['horizon', 'interval', 'confirmations', 'margin'];
/** Number of rules that a forecast can predict. They come first among the rules of the engine. */
const PREDICTABLE_RULES = 3;
/** Index of the minimum calls among the rules of the engine. */
const MINIMUM_CALLS = 4;

const SIGN_NAMES = {
  [SIGN.FAILURES]: 'failure-threshold',
  [SIGN.FAILURE_RATE]: 'failure-rate',
  [SIGN.SLOW_CALL_RATE]: 'slow-call-rate',
  [SIGN.RESPONSE_TIME]: 'response-time',
} as const satisfies Record<number, PredictionSign>;

const rules = new Float64Array(RULES_LENGTH);
const row = new Float64Array(FORECAST_STATS_LENGTH);

/** Forecast of when the rules of one circuit will open it. */
export class Forecast {
  readonly mode: 'shadow' | 'enforce';
  readonly #circuit: Circuit;
  readonly #handle: PolicyHandle;
  #totalEnforced = 0;
  /** State word at the last observation. */
  #word: number;

  constructor(circuit: Circuit, handle: PolicyHandle, mode: 'shadow' | 'enforce') {
    this.#circuit = circuit;
    this.#handle = handle;
    this.mode = mode;
    this.#word = circuit.word;
  }

  /** Reads the thresholds of the circuit again after they have changed. */
  updateRules(): void {
    const { backend, handle } = this.#circuit;
    backend.rules(handle, rules);
    const [failures, failureRate, slowCallRate, , minimumCalls] = rules;
    this.#handle.engine.forecastRules(
      this.#handle.id,
      failures as number,
      failureRate as number,
      slowCallRate as number,
      minimumCalls as number,
    );
  }

  /** Restarts the forecast if the circuit has changed its state. */
  observe(word: number, now: number): void {
    const before = this.#word;
    if (generationOf(word) === generationOf(before)) return;
    this.#word = word;
    const opened = stateOf(before) === STATE.CLOSED && stateOf(word) === STATE.OPEN;
    this.#handle.engine.forecastRestart(this.#handle.id, opened ? 1 : 0, now);
  }

  /** Records the outcome of a call. Returns the predicted opening if this outcome confirms a prediction. */
  recordOutcome(word: number, permit: number, outcome: number, now: number, duration: number): Foreseen | undefined {
    const counts =
      outcome !== OUTCOME.IGNORED &&
      outcome !== OUTCOME.ABORTED &&
      generationOf(word) === generationOf(this.#word) &&
      stateOf(word) === STATE.CLOSED &&
      Math.floor(permit / WORD.GENERATION_UNIT) === generationOf(word);
    this.observe(word, now);
    if (!counts) return undefined;
    const failed = outcome === OUTCOME.SUCCESS ? 0 : 1;
    const { engine, id } = this.#handle;
    return engine.forecastCall(id, failed, duration, now) === 1 ? this.foreseen(now) : undefined;
  }

  /** Restarts the forecast after the prediction has opened the circuit. */
  recordEnforced(word: number, now: number): void {
    if (generationOf(word) === generationOf(this.#word)) return;
    this.#totalEnforced++;
    this.#word = word;
    this.#handle.engine.forecastRestart(this.#handle.id, 0, now);
  }

  /** Emits and logs a prediction. */
  emit(foreseen: Foreseen): void {
    const { name, listeners, hooks } = this.#circuit;
    const event: PredictionEvent = { breaker: name, ...foreseen, enforced: this.mode === 'enforce' };
    if (listeners?.has('prediction')) listeners.emit('prediction', event);
    if (hooks.logger !== undefined) log(hooks.logger, 'warn', `Circuit breaker ${name}: ${foreseen.message}`, event);
  }

  /** Returns the threshold that will be reached, confirmed or not. */
  foreseen(now: number): Foreseen | undefined {
    const stat = this.#readStats(now);
    const sign = SIGN_NAMES[stat('sign') as keyof typeof SIGN_NAMES] as PredictionSign | undefined;
    if (sign === undefined) return undefined;
    const [observed, threshold, expectedIn] = [stat('observed'), stat('threshold'), stat('expectedIn')];
    const verb = this.mode === 'enforce' ? 'opens' : 'would open';
    const message =
      `${verb} now, because ${sign} is at ${rounded(observed)} ` +
      `and expected to reach ${rounded(threshold)} in ${Math.round(expectedIn)} ms`;
    return { sign, observed, threshold, expectedIn, message };
  }

  /** Returns the totals of the predictions, and the current trends. */
  stats(now: number): PredictionStats {
    const stat = this.#readStats(now);
    return {
      mode: this.mode,
      totalPredicted: numberOrZero(stat('predicted')),
      totalEnforced: this.#totalEnforced,
      cameTrue: numberOrZero(stat('cameTrue')),
      wereFalse: numberOrZero(stat('wereFalse')),
      missed: numberOrZero(stat('missed')),
      timeGained: numberOrZero(stat('gained')),
      failureRate: numberOrZero(stat('failureRate')),
      slowCallRate: numberOrZero(stat('slowCallRate')),
      responseTime: numberOrNull(stat('responseTime')),
      baseline: numberOrNull(stat('baseline')),
    };
  }

  #readStats(now: number): (name: keyof typeof FORECAST_STATS) => number {
    row.fill(Number.NaN);
    this.#handle.engine.policyStats(this.#handle.id, now, row);
    return (name) => row[FORECAST_STATS[name]] as number;
  }
}

/** Reads the option `prediction`. Its problems go to the reader. */
export function readForecast(reader: OptionsReader, options: OptionsObject, circuit: Circuit): Forecast | undefined {
  const { mode = 'shadow', ...others } = options;
  if (mode !== 'shadow' && mode !== 'enforce') {
    reader.report('prediction.mode', typeof mode === 'string' ? 'range' : 'type', "'shadow' or 'enforce'");
  }
  reader.suggest(['mode', ...ENGINE_OPTIONS].map((option) => `prediction.${option}`));
  for (const name of Object.keys(others)) {
    if (!ENGINE_OPTIONS.includes(name) && others[name] !== undefined) {
      reader.report(`prediction.${name}`, 'unknown', '');
    }
  }
  circuit.read((backend, handle) => backend.rules(handle, rules));
  const hasPredictableRule = !rules.subarray(0, PREDICTABLE_RULES).every(Number.isNaN);
  // All rules are NaN if the engine has failed: nothing is known about the breaker then.
  if (!hasPredictableRule && !Number.isNaN(rules[MINIMUM_CALLS])) {
    const expected =
      'left out where the breaker has none of failureThreshold, failureRateThreshold and slowCallRateThreshold';
    reader.report('prediction', 'conflict', expected);
  }
  const engine = loadEngineFor(() => circuit.name, policyEngine);
  const engineOptions = Object.fromEntries(ENGINE_OPTIONS.map((name) => [name, others[name]]));
  const now = circuit.clock();
  const created = engine.createPolicy(
    POLICY.FORECAST,
    toPlainData({ ...engineOptions, rule: [...rules] }) as object,
    now,
  );
  if (typeof created === 'number') {
    return new Forecast(circuit, new PolicyHandle(engine, created, circuit.time), mode as 'shadow' | 'enforce');
  }
  reader.add(created.map((problem) => ({ ...problem, option: `prediction.${problem.option}` })));
  return undefined;
}

function generationOf(word: number): number {
  return word >>> WORD.GENERATION_SHIFT;
}

function stateOf(word: number): number {
  return word & WORD.STATE_MASK;
}

function rounded(number: number): number {
  return Number(number.toPrecision(3));
}
