/** Runs the engine over a pattern: real calls through a real breaker, in virtual time. */
import { CircuitBreaker, isCallTimeoutError, isCircuitOpenError } from 'fusewire';
import type { CircuitBreakerOptions, CircuitState } from 'fusewire';
import { CELL_SECONDS } from './pattern.ts';
import type { Kind, Pattern } from './pattern.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Scenario {
  readonly pattern: Pattern;
  readonly callsPerSecond: number;
  readonly options: CircuitBreakerOptions;
}

/** What became of the calls that began in one cell. */
export interface Cell {
  answered: number;
  failed: number;
  rejected: number;
}

export interface Move {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: string;
  readonly observed: number | null;
  readonly threshold: number | null;
}

export interface Outcome {
  readonly moves: readonly Move[];
  readonly cells: readonly Cell[];
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly rejected: number;
  /** Rejections while the dependency would have answered well. */
  readonly rejectedInVain: number;
  /** Milliseconds that all callers together have waited for nothing, and would have without a circuit. */
  readonly wasted: number;
  readonly wastedWithout: number;
  /** The most calls under way at once, and without a circuit. */
  readonly peak: number;
  readonly peakWithout: number;
}

const HEALTHY = 50;
const FAILING = 30;
const SLOW = 4_000;

/** How long a call takes, and whether it is answered, by the kind of the cell in which it begins. */
function nature(kind: Kind, number: number): { duration: number; fine: boolean } {
  switch (kind) {
    case 'healthy':
      return { duration: HEALTHY, fine: true };
    case 'flaky':
      return number % 2 === 0 ? { duration: HEALTHY, fine: true } : { duration: FAILING, fine: false };
    case 'slow':
      return { duration: SLOW, fine: true };
    case 'failing':
      return { duration: FAILING, fine: false };
    case 'hanging':
      return { duration: Infinity, fine: false };
  }
}

export async function simulate(scenario: Scenario, time: VirtualTime): Promise<Outcome> {
  const { pattern, callsPerSecond, options } = scenario;
  const breaker = new CircuitBreaker({ name: 'calculator', ...options });
  const moves: Move[] = [];
  breaker.on('stateChange', ({ at, from, to, reason, observed, threshold }) => {
    moves.push({ at: at.getTime(), from, to, reason, observed, threshold });
  });
  const cells = pattern.map((): Cell => ({ answered: 0, failed: 0, rejected: 0 }));
  const end = pattern.length * CELL_SECONDS * 1_000;
  const underWay = new Gauge();
  let rejectedInVain = 0;
  let wasted = 0;

  const call = async (number: number): Promise<void> => {
    const index = Math.floor(time.now / (CELL_SECONDS * 1_000));
    const kind = pattern[index] as Kind;
    const cell = cells[index] as Cell;
    const { duration, fine } = nature(kind, number);
    const begun = time.now;
    let ran = false;
    try {
      await breaker.execute(() => {
        ran = true;
        underWay.up();
        if (duration === Infinity) return new Promise(() => {});
        return new Promise<void>((resolve, reject) =>
          time.after(duration, () => (fine ? resolve() : reject(new Error('failed')))),
        );
      });
      cell.answered += 1;
    } catch (error) {
      if (isCircuitOpenError(error)) {
        cell.rejected += 1;
        if (fine && duration === HEALTHY) rejectedInVain += 1;
      } else {
        cell.failed += 1;
        wasted += isCallTimeoutError(error) || !fine ? time.now - begun : 0;
      }
    } finally {
      if (ran) underWay.down();
    }
  };

  const calls = Math.floor((end / 1_000) * callsPerSecond);
  for (let number = 0; number < calls; number += 1)
    time.after((number * 1_000) / callsPerSecond, () => void call(number));
  await time.runUntil(end);

  const total = (field: keyof Cell): number => cells.reduce((sum, cell) => sum + cell[field], 0);
  const counted = { answered: total('answered'), failed: total('failed'), rejected: total('rejected') };
  const without = withoutCircuit(scenario, calls, end);
  return { moves, cells, calls, ...counted, rejectedInVain, wasted, peak: underWay.peak, ...without };
}

/** The same calls with nothing but their timeout. */
function withoutCircuit({ pattern, callsPerSecond, options }: Scenario, calls: number, end: number) {
  const limit = options.timeout === undefined ? 30_000 : options.timeout || Infinity;
  const ends: number[] = [];
  let wastedWithout = 0;
  const changes: [at: number, by: number][] = [];
  for (let number = 0; number < calls; number += 1) {
    const at = (number * 1_000) / callsPerSecond;
    const { duration, fine } = nature(pattern[Math.floor(at / (CELL_SECONDS * 1_000))] as Kind, number);
    const taken = Math.min(duration, limit);
    if (!fine || duration > limit) wastedWithout += Math.min(taken, end - at);
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
