import type { CallContext, CircuitBreaker as Engine } from 'fusewire';
import { CircuitBreaker } from '../lib/circuit-breaker.ts';

/** Returns the value below which a share of the numbers is. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * Measures what the breakers add to calls that succeed: from the call to the start of its work, and from the end of the work to
 * the answer. Returns the milliseconds, and a function that ends the measurement.
 */
export function measureOverhead() {
  const overheads: number[] = [];
  const prototype = CircuitBreaker.prototype;
  const { execute } = prototype;
  prototype.execute = async function measured(
    this: CircuitBreaker,
    operation: (context: CallContext) => unknown,
    call,
  ) {
    const called = performance.now();
    let [started, ended] = [0, 0];
    const result = await execute.call(
      this,
      async (context) => {
        started = performance.now();
        const value = await operation(context);
        ended = performance.now();
        return value;
      },
      call,
    );
    // A call that a fallback has answered says nothing: the time is that of the queue or the cache.
    if (ended > 0) overheads.push(started - called + performance.now() - ended);
    return result as never;
  };
  return { overheads, stop: () => (prototype.execute = execute) };
}

/** Outages of the dependencies, by the names of their breakers. */
export class Outages {
  readonly #down = new Set<string>();
  /** Openings while the dependency worked. */
  readonly falseOpenings: string[] = [];
  openings = 0;

  constructor(breakers: Iterable<Engine>) {
    for (const breaker of breakers) {
      breaker.on('open', ({ reason }) => {
        // The prober opens an open circuit for one more millisecond, to begin its probes.
        if (reason === 'manual') return;
        this.openings++;
        if (!this.#down.has(breaker.name)) this.falseOpenings.push(`${breaker.name}: ${reason}`);
      });
    }
  }

  begin(names: readonly string[]): void {
    for (const name of names) this.#down.add(name);
  }

  end(names: readonly string[]): void {
    for (const name of names) this.#down.delete(name);
  }
}

/** Waits until a condition holds. Rejects after a time. */
export async function until(what: string, condition: () => unknown, limit = 60_000): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > limit) throw new Error(`This did not happen within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}
