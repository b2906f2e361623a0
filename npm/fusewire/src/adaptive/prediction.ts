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
import { Part } from '../policies/policy-handle.ts';
import { numberOrZero, numberOrNull } from '../engine/readings.ts';
import { log } from '../logging.ts';
import { toPlainData } from '../breaker/settings.ts';
import type { OptionsObject } from '../breaker/settings.ts';
import type { Foreseen, PredictionStats } from './options.ts';

const OPTIONS = ['horizon', 'interval', 'confirmations', 'margin'];
/** Where the rules that a forecast can foresee stand among those of `rules`. */
const FORESEEN_RULES = 3;
const MINIMUM_CALLS = 4;

const SIGN_NAMES = {
  [SIGN.FAILURES]: 'failure-threshold',
  [SIGN.FAILURE_RATE]: 'failure-rate',
  [SIGN.SLOW_CALL_RATE]: 'slow-call-rate',
  [SIGN.RESPONSE_TIME]: 'response-time',
} as const satisfies Record<number, PredictionSign>;

const rules = new Float64Array(RULES_LENGTH);
const row = new Float64Array(FORECAST_STATS_LENGTH);

/** The forecast beside one circuit. */
export class Prediction {
  readonly mode: 'shadow' | 'enforce';
  readonly #circuit: Circuit;
  readonly #part: Part;
  #enforced = 0;
  /** The state word as it was last seen. */
  #word: number;

  constructor(circuit: Circuit, part: Part, mode: 'shadow' | 'enforce') {
    this.#circuit = circuit;
    this.#part = part;
    this.mode = mode;
    this.#word = circuit.word;
  }

  /** The thresholds are others now. */
  retuned(): void {
    const { backend, handle } = this.#circuit;
    backend.rules(handle, rules);
    const [failures, failureRate, slowCallRate, , minimumCalls] = rules;
    this.#part.engine.forecastRules(
      this.#part.handle,
      failures as number,
      failureRate as number,
      slowCallRate as number,
      minimumCalls as number,
    );
  }

  /** Sees the state word after something may have moved the circuit. */
  see(word: number, now: number): void {
    const before = this.#word;
    if (generationOf(word) === generationOf(before)) return;
    this.#word = word;
    const opened = stateOf(before) === STATE.CLOSED && stateOf(word) === STATE.OPEN;
    this.#part.engine.forecastRestart(this.#part.handle, opened ? 1 : 0, now);
  }

  /** A permit came back. Answers what is foreseen in the moment when it is predicted. */
  settled(word: number, permit: number, outcome: number, now: number, duration: number): Foreseen | undefined {
    const counts =
      outcome !== OUTCOME.IGNORED &&
      generationOf(word) === generationOf(this.#word) &&
      stateOf(word) === STATE.CLOSED &&
      Math.floor(permit / WORD.GENERATION_UNIT) === generationOf(word);
    this.see(word, now);
    if (!counts) return undefined;
    const failed = outcome === OUTCOME.SUCCESS ? 0 : 1;
    const { engine, handle } = this.#part;
    return engine.forecastCall(handle, failed, duration, now) === 1 ? this.foreseen(now) : undefined;
  }

  /** The prediction has opened the circuit. */
  enforced(word: number, now: number): void {
    if (generationOf(word) === generationOf(this.#word)) return;
    this.#enforced++;
    this.#word = word;
    this.#part.engine.forecastRestart(this.#part.handle, 0, now);
  }

  tell(foreseen: Foreseen): void {
    const { name, listeners, hooks } = this.#circuit;
    const event: PredictionEvent = { breaker: name, ...foreseen, enforced: this.mode === 'enforce' };
    if (listeners?.has('prediction')) listeners.emit('prediction', event);
    if (hooks.logger !== undefined) log(hooks.logger, 'warn', `Circuit breaker ${name}: ${foreseen.message}`, event);
  }

  foreseen(now: number): Foreseen | undefined {
    const at = this.#read(now);
    const sign = SIGN_NAMES[at('sign') as keyof typeof SIGN_NAMES] as PredictionSign | undefined;
    if (sign === undefined) return undefined;
    const [observed, threshold, expectedIn] = [at('observed'), at('threshold'), at('expectedIn')];
    const verb = this.mode === 'enforce' ? 'opens' : 'would open';
    const message =
      `${verb} now, because ${sign} is at ${rounded(observed)} ` +
      `and expected to reach ${rounded(threshold)} in ${Math.round(expectedIn)} ms`;
    return { sign, observed, threshold, expectedIn, message };
  }

  stats(now: number): PredictionStats {
    const at = this.#read(now);
    return {
      mode: this.mode,
      totalPredicted: numberOrZero(at('predicted')),
      totalEnforced: this.#enforced,
      cameTrue: numberOrZero(at('cameTrue')),
      wereFalse: numberOrZero(at('wereFalse')),
      missed: numberOrZero(at('missed')),
      timeGained: numberOrZero(at('gained')),
      failureRate: numberOrZero(at('failureRate')),
      slowCallRate: numberOrZero(at('slowCallRate')),
      responseTime: numberOrNull(at('responseTime')),
      baseline: numberOrNull(at('baseline')),
    };
  }

  #read(now: number): (name: keyof typeof FORECAST_STATS) => number {
    row.fill(Number.NaN);
    this.#part.engine.policyStats(this.#part.handle, now, row);
    return (name) => row[FORECAST_STATS[name]] as number;
  }
}

/** Reads the options of predictions; what is wrong with them goes to the reader. */
export function readPrediction(reader: OptionsReader, given: OptionsObject, circuit: Circuit): Prediction | undefined {
  const { mode = 'shadow', ...others } = given;
  if (mode !== 'shadow' && mode !== 'enforce') {
    reader.report('prediction.mode', typeof mode === 'string' ? 'range' : 'type', "'shadow' or 'enforce'");
  }
  for (const name of Object.keys(others)) {
    if (!OPTIONS.includes(name) && others[name] !== undefined) reader.report(`prediction.${name}`, 'unknown', '');
  }
  circuit.read((backend, handle) => backend.rules(handle, rules));
  const isBlind = rules.subarray(0, FORESEEN_RULES).every(Number.isNaN);
  if (isBlind && !Number.isNaN(rules[MINIMUM_CALLS])) {
    const expected =
      'left out where the breaker has none of failureThreshold, failureRateThreshold and slowCallRateThreshold';
    reader.report('prediction', 'conflict', expected);
  }
  const engine = policyEngine();
  const options = Object.fromEntries(OPTIONS.map((name) => [name, others[name]]));
  const now = circuit.clock();
  const made = engine.createPolicy(POLICY.FORECAST, toPlainData({ ...options, rule: [...rules] }) as object, now);
  if (typeof made === 'number') return new Prediction(circuit, new Part(engine, made), mode as 'shadow' | 'enforce');
  reader.add(made.map((problem) => ({ ...problem, option: `prediction.${problem.option}` })));
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
