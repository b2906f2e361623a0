import type { Circuit } from './circuit.ts';

/**
 * State of a breaker as plain data, for `JSON.stringify` and {@link CircuitBreaker.restore}. It holds remaining durations
 * instead of instants, so it can be restored later and elsewhere. Only `version` and `name` are public; the engine owns the rest.
 */
export interface BreakerSnapshot {
  /** Version of the format. A later version of this package reads the formats of earlier ones. */
  readonly version: number;
  /** Name of the breaker. */
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Takes a snapshot of a circuit. @internal */
export function takeSnapshot(circuit: Circuit): BreakerSnapshot {
  const saved = circuit.read((backend, handle, now) => backend.snapshot(handle, now));
  return { version: 0, ...saved, name: circuit.name };
}
