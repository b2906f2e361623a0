/** Simulation of a pattern: real calls through a real breaker, in virtual time. */
import { CircuitBreaker, CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { CircuitBreakerOptions, CircuitState } from 'fusewire';
import { CELL_SECONDS } from './pattern.ts';
import type { Kind, Pattern } from './pattern.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Input of a simulation. */
export interface Scenario {
  readonly pattern: Pattern;
  readonly callsPerSecond: number;
  readonly options: CircuitBreakerOptions;
}

/** Counts of the calls that began in one cell, by outcome. */
export interface Cell {
  answered: number;
  failed: number;
  rejected: number;
}

/** One transition of the circuit. */
export interface Transition {
  /** Milliseconds since the start. */
  readonly at: number;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: string;
  readonly observed: number | null;
  readonly threshold: number | null;
}

/** Result of a simulation. */
export interface Outcome {
  readonly transitions: readonly Transition[];
  readonly cells: readonly Cell[];
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly rejected: number;
  /** Rejections of calls that would have succeeded. */
  readonly rejectedInVain: number;
  /** Milliseconds that callers waited for calls that failed, summed over all callers. */
  readonly wasted: number;
  /** The same without a circuit. */
  readonly wastedWithout: number;
  /** Largest number of calls in flight. */
  readonly peak: number;
  /** The same without a circuit. */
  readonly peakWithout: number;
}

const HEALTHY = 50;
const FAILING = 30;
const SLOW = 4_000;

/** Returns the duration and the success of a call that begins in a cell of `kind`. */
function behaviour(kind: Kind, number: number): { duration: number; succeeds: boolean } {
  switch (kind) {
    case 'healthy':
      return { duration: HEALTHY, succeeds: true };
    case 'flaky':
      return number % 2 === 0 ? { duration: HEALTHY, succeeds: true } : { duration: FAILING, succeeds: false };
    case 'slow':
      return { duration: SLOW, succeeds: true };
    case 'failing':
      return { duration: FAILING, succeeds: false };
    case 'hanging':
      return { duration: Infinity, succeeds: false };
  }
}

/** Runs the calls of `scenario` through a breaker. */
export async function simulate(scenario: Scenario, time: VirtualTime): Promise<Outcome> {
  const { pattern, callsPerSecond, options } = scenario;
  const breaker = new CircuitBreaker({ name: 'calculator', ...options });
  const transitions: Transition[] = [];
  breaker.on('stateChange', ({ at, from, to, reason, observed, threshold }) => {
    transitions.push({ at: at.getTime(), from, to, reason, observed, threshold });
  });
  const cells = pattern.map((): Cell => ({ answered: 0, failed: 0, rejected: 0 }));
  const end = pattern.length * CELL_SECONDS * 1_000;
  const inFlight = new Gauge();
  let rejectedInVain = 0;
  let wasted = 0;

  const call = async (number: number): Promise<void> => {
    const index = Math.floor(time.now / (CELL_SECONDS * 1_000));
    const kind = pattern[index] as Kind;
    const cell = cells[index] as Cell;
    const { duration, succeeds } = behaviour(kind, number);
    const start = time.now;
    let ran = false;
    try {
      await breaker.execute(() => {
        ran = true;
        inFlight.up();
        if (duration === Infinity) return new Promise(() => {});
        return new Promise<void>((resolve, reject) =>
          time.after(duration, () => (succeeds ? resolve() : reject(new Error('failed')))),
        );
      });
      cell.answered += 1;
    } catch (error) {
      if (error instanceof CircuitOpenError) {
        cell.rejected += 1;
        if (succeeds && duration === HEALTHY) rejectedInVain += 1;
      } else {
        cell.failed += 1;
        wasted += error instanceof CallTimeoutError || !succeeds ? time.now - start : 0;
      }
    } finally {
      if (ran) inFlight.down();
    }
  };

  const calls = Math.floor((end / 1_000) * callsPerSecond);
  for (let number = 0; number < calls; number += 1)
    time.after((number * 1_000) / callsPerSecond, () => void call(number));
  await time.runUntil(end);

  const total = (field: keyof Cell): number => cells.reduce((sum, cell) => sum + cell[field], 0);
  const counted = { answered: total('answered'), failed: total('failed'), rejected: total('rejected') };
  const without = withoutCircuit(scenario, calls, end);
  return { transitions, cells, calls, ...counted, rejectedInVain, wasted, peak: inFlight.peak, ...without };
}

/** Returns the figures of the same calls with a timeout but no circuit. */
function withoutCircuit({ pattern, callsPerSecond, options }: Scenario, calls: number, end: number) {
  const limit = options.timeout === undefined ? 30_000 : options.timeout || Infinity;
  const ends: number[] = [];
  let wastedWithout = 0;
  const changes: [at: number, by: number][] = [];
  for (let number = 0; number < calls; number += 1) {
    const at = (number * 1_000) / callsPerSecond;
    const { duration, succeeds } = behaviour(pattern[Math.floor(at / (CELL_SECONDS * 1_000))] as Kind, number);
    const taken = Math.min(duration, limit);
    if (!succeeds || duration > limit) wastedWithout += Math.min(taken, end - at);
    ends.push(at + taken);
    changes.push([at, 1], [at + taken, -1]);
  }
  changes.sort(([one, up], [other, down]) => one - other || down - up);
  const gauge = new Gauge();
  for (const [, by] of changes)
    if (by > 0) gauge.up();
    else gauge.down();
  return { wastedWithout, peakWithout: gauge.peak };
}

/** A number that goes up and down, and its largest value. */
class Gauge {
  peak = 0;
  #value = 0;

  up(): void {
    this.#value += 1;
    this.peak = Math.max(this.peak, this.#value);
  }

  down(): void {
    this.#value -= 1;
  }
}
