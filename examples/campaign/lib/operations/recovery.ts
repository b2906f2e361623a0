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
 * the open time has not passed: so a circuit recovers within seconds of its dependency, whatever its open time, and also if
 * nobody calls it, such as that of a second region. What an operator holds open stays open.
 *
 * Returns a function that ends it.
 */
export function probeOpenCircuits(probes: readonly Probe[], interval = INTERVAL): () => void {
  const asking = new Set<Engine>();
  const ask = async (probe: Probe) => {
    const { breaker } = probe;
    if (asking.has(breaker) || breaker.state === 'CLOSED' || breaker.override !== 'NONE') return;
    asking.add(breaker);
    // A dependency that does not work yet rejects.
    await recover(probe).catch(() => undefined);
    asking.delete(breaker);
  };
  const timer = setInterval(() => probes.forEach((probe) => void ask(probe)), interval);
  timer.unref();
  return () => clearInterval(timer);
}

async function recover({ breaker, ping }: Probe): Promise<void> {
  if (breaker.state === 'OPEN') {
    await ping(AbortSignal.timeout(TIMEOUT));
    // Opens it for one more millisecond, after which it admits probes.
    if (breaker.state === 'OPEN' && breaker.override === 'NONE') breaker.open(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  // Questions are probes as well as calls are. Each rejects if the circuit opens again.
  while (breaker.state === 'HALF_OPEN') await breaker.execute(({ signal }) => ping(signal));
}
