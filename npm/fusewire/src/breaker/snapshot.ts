import type { Circuit } from './circuit.ts';

/**
 * A breaker as plain data, for `JSON.stringify` and {@link CircuitBreaker.restore}. It holds remaining durations and no
 * instants, so it can be restored later and elsewhere. What is in it, `version` and `name` apart, is the engine's affair.
 */
export interface BreakerSnapshot {
  /** The format. A later version of this package reads what an earlier one wrote. */
  readonly version: number;
  /** The name of the breaker. */
  readonly name: string;
  readonly [part: string]: unknown;
}

/** Takes a snapshot of a circuit. @internal */
export function takeSnapshot(circuit: Circuit): BreakerSnapshot {
  const saved = circuit.read((backend, handle, now) => backend.snapshot(handle, now));
  return { version: 0, ...saved, name: circuit.name };
}
