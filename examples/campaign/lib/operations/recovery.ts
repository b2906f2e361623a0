import type { CircuitBreaker as Engine } from 'fusewire';

/** Breaker, and how its dependency is asked whether it works. */
export interface Probe {
  readonly breaker: Engine;
  readonly ping: (signal: AbortSignal) => Promise<unknown>;
}

/** Milliseconds between two questions, and until one is given up. */
const INTERVAL = 1_000;
const TIMEOUT = 2_000;

/**
 * Asks the dependencies of open circuits each second whether they work again. One that answers gets its probes at once, although
 * the open time has not passed: so a circuit recovers within seconds of its dependency, whatever its open time. What an operator
 * holds open stays open. Returns a function that ends it.
 */
export function probeOpenCircuits(probes: readonly Probe[], interval = INTERVAL): () => void {
  const asking = new Set<Engine>();
  const ask = async ({ breaker, ping }: Probe) => {
    if (asking.has(breaker) || breaker.state !== 'OPEN' || breaker.override !== 'NONE') return;
    asking.add(breaker);
    try {
      await ping(AbortSignal.timeout(TIMEOUT));
      if (breaker.state === 'OPEN' && breaker.override === 'NONE') breaker.open(1);
    } catch {
      // It does not work yet.
    } finally {
      asking.delete(breaker);
    }
  };
  const timer = setInterval(() => probes.forEach((probe) => void ask(probe)), interval);
  timer.unref();
  return () => clearInterval(timer);
}
