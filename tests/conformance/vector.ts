/** Runs one case of a vector over an engine. The format is described in tests/vectors/README.md. */
import { EXPLAIN, OUTCOME, OVERRIDE, REASON, REJECTED, STATE, STATS } from '../../npm/fusewire/src/engine/codes.ts';
import type { Engine } from './engines.ts';

type Coded = number | '$NaN' | '$Infinity' | '$-Infinity';

export interface Step {
  readonly at?: Coded;
  readonly do: string;
  readonly as?: string;
  readonly permit?: string;
  readonly hold?: string;
  readonly outcome?: 'success' | 'failure' | 'ignored' | 'timeout' | 'withdrawn' | 'aborted' | 'deadline';
  readonly duration?: number;
  readonly openFor?: number;
  readonly rejected?: keyof typeof REJECTED;
  readonly times?: number;
  readonly every?: number;
  readonly thresholds?: Readonly<Record<string, Coded>>;
  readonly problems?: readonly string[];
  readonly observed?: number;
  readonly threshold?: number;
  readonly restoreAt?: Coded;
  readonly options?: object;
  readonly expect?: Readonly<Record<string, unknown>>;
}

export interface Case {
  readonly name: string;
  readonly at?: Coded;
  readonly options: object;
  readonly problems?: readonly string[];
  readonly steps?: readonly Step[];
}

export interface Vector {
  readonly behaviour: string;
  readonly cases: readonly Case[];
}

/** Runs a case. Throws if an expectation fails. Returns a digest of every reading on the way. */
export function runCase(engine: Engine, vector: Case): string {
  const made = engine.create(decode(vector.options) as object, number(vector.at ?? 0));
  if (vector.problems !== undefined) {
    const actual = typeof made === 'number' ? [] : made.map(({ option, kind }) => `${option} ${kind}`);
    same('problems', actual.join(', '), vector.problems.join(', '));
    return 'none';
  }
  if (typeof made !== 'number') throw new Error(`refused: ${JSON.stringify(made)}`);
  const run = new Run(engine, made, vector);
  try {
    for (const [index, step] of (vector.steps ?? []).entries()) {
      try {
        run.step(step);
      } catch (error) {
        throw new Error(`step ${index + 1}: ${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    run.end();
  }
  return run.digest.hex();
}

/** Thresholds in the order of the engine's arguments. */
const THRESHOLDS = [
  'failureThreshold',
  'consecutiveFailureThreshold',
  'failureRateThreshold',
  'slowCallRateThreshold',
  'minimumCalls',
];

class Run {
  readonly digest = new Digest();
  readonly #engine: Engine;
  readonly #permits = new Map<string, number>();
  readonly #holds = new Map<string, number>();
  #handle: number;
  #options: object;
  #now: number;

  constructor(engine: Engine, handle: number, vector: Case) {
    this.#engine = engine;
    this.#handle = handle;
    this.#options = decode(vector.options) as object;
    this.#now = number(vector.at ?? 0);
  }

  end(): void {
    this.#engine.free(this.#handle);
  }

  step(step: Step): void {
    if (step.at !== undefined) this.#now = number(step.at);
    for (let time = 0; time < (step.times ?? 1); time++) {
      if (time > 0) this.#now += step.every ?? 0;
      this.#act(step);
    }
    this.#check(step.expect ?? {});
  }

  #act(step: Step): void {
    const engine = this.#engine;
    const [handle, now] = [this.#handle, this.#now];
    switch (step.do) {
      case 'admit': {
        const permit = this.#admit(step);
        if (step.as !== undefined) this.#permits.set(step.as, permit);
        return;
      }
      case 'call': {
        const permit = this.#admit(step);
        if (permit >= 0) this.#settle(permit, step);
        return;
      }
      case 'settle':
        return this.#settle(this.#permits.get(step.permit as string) as number, step);
      case 'poll':
        return void engine.poll(handle, now);
      case 'forceOpen':
        return this.#override(OVERRIDE.FORCED_OPEN, step);
      case 'forceClosed':
        return this.#override(OVERRIDE.FORCED_CLOSED, step);
      case 'shadow':
        return this.#override(OVERRIDE.SHADOW, step);
      case 'releaseOverride':
        return this.#override(OVERRIDE.NONE, step);
      case 'release':
        return void engine.release(handle, this.#holds.get(step.hold as string) as number, now);
      case 'reset':
        return void engine.reset(handle, now);
      case 'retune':
        return this.#retune(step);
      case 'reconfigure': {
        const found = engine.reconfigure(handle, decode(step.options) as object, now);
        return same(
          'problems',
          found.map(({ option, kind }) => `${option} ${kind}`).join(),
          step.problems?.join() ?? '',
        );
      }
      case 'open':
        return void engine.open(handle, step.openFor ?? NaN, now);
      case 'openEarly':
        return void engine.openEarly(handle, step.observed ?? 0, step.threshold ?? 0, now);
      case 'restore':
        return this.#restore(step);
      case 'look':
        return;
      default:
        throw new Error(`there is no step ${step.do}`);
    }
  }

  #admit(step: Step): number {
    const admission = this.#engine.admit(this.#handle, this.#now);
    this.digest.add(admission);
    if (step.rejected !== undefined) same('admission', admission, REJECTED[step.rejected]);
    else if (!(admission >= 0)) throw new Error(`was rejected: ${admission}`);
    return admission;
  }

  #settle(permit: number, step: Step): void {
    const duration = step.duration ?? NaN;
    if (step.openFor !== undefined) {
      this.#engine.settleOpenFor(this.#handle, permit, this.#now, duration, step.openFor);
      return;
    }
    const outcome = (step.outcome ?? 'success').toUpperCase() as keyof typeof OUTCOME;
    this.#engine.settle(this.#handle, permit, OUTCOME[outcome], this.#now, duration);
  }

  #override(code: number, { as: name }: Step): void {
    const hold = this.#engine.setOverride(this.#handle, code, this.#now);
    if (name !== undefined) this.#holds.set(name, hold);
  }

  #retune({ thresholds = {}, problems = [] }: Step): void {
    const [failures, inARow, failureRate, slowCallRate, minimumCalls] = THRESHOLDS.map((name) =>
      number(thresholds[name] ?? NaN),
    );
    const actual = this.#engine.retune(
      this.#handle,
      failures as number,
      inARow as number,
      failureRate as number,
      slowCallRate as number,
      minimumCalls as number,
      this.#now,
    );
    same('problems', actual.map(({ option, kind }) => `${option} ${kind}`).join(), problems.join());
  }

  #restore(step: Step): void {
    const snapshot = this.#engine.snapshot(this.#handle, this.#now);
    const travelled = JSON.parse(JSON.stringify(snapshot)) as object;
    this.#engine.free(this.#handle);
    if (step.restoreAt !== undefined) this.#now = number(step.restoreAt);
    if (step.options !== undefined) this.#options = decode(step.options) as object;
    const made = this.#engine.restore(this.#options, travelled, this.#now);
    if (typeof made !== 'number') throw new Error(`refused: ${JSON.stringify(made)}`);
    this.#handle = made;
  }

  #check(expected: Readonly<Record<string, unknown>>): void {
    const stats = new Float64Array(Object.keys(STATS).length);
    const explanation = new Float64Array(Object.keys(EXPLAIN).length);
    this.#engine.stats(this.#handle, this.#now, stats);
    this.#engine.explain(this.#handle, this.#now, explanation);
    this.digest.add(this.#engine.word(this.#handle));
    for (const reading of [...stats, ...explanation]) this.digest.add(reading);
    for (const [name, value] of Object.entries(expected)) {
      const actual =
        name in STATS ? stats[STATS[name as keyof typeof STATS]] : explanation[EXPLAIN[name as keyof typeof EXPLAIN]];
      same(name, actual, wanted(name, value));
    }
  }
}

function wanted(name: string, value: unknown): number {
  if (value === null) return NaN;
  if (typeof value !== 'string' || value.startsWith('$')) return number(value as Coded);
  if (name === 'reason') return REASON[value as keyof typeof REASON];
  if (name === 'override') return OVERRIDE[value as keyof typeof OVERRIDE];
  return STATE[value as keyof typeof STATE];
}

function same(what: string, actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) throw new Error(`${what} is ${String(actual)}, not ${String(expected)}`);
}

function number(value: Coded): number {
  return decode(value) as number;
}

/** Reads a number of a vector, in which NaN and infinity are written as texts. */
function decode(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('$')) return Number(value.slice(1));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decode(inner)]));
}

/** Hash FNV-1a over the bytes of numbers. Every NaN hashes alike. */
class Digest {
  #hash = 0x811c9dc5;
  readonly #view = new DataView(new ArrayBuffer(8));

  add(value: number): void {
    this.#view.setFloat64(0, value, true);
    if (Number.isNaN(value)) this.#view.setBigUint64(0, 0x7ff8_0000_0000_0000n, true);
    for (let byte = 0; byte < 8; byte++) {
      this.#hash = Math.imul(this.#hash ^ this.#view.getUint8(byte), 0x01000193);
    }
  }

  hex(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}
