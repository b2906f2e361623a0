import type { OptionsReader } from '../options/options-reader.ts';
import type { Circuit } from './circuit.ts';

/** Longest time since a snapshot was taken that counts: 365 days, like the longest open time. */
const LONGEST_ELAPSED = 31_536_000_000;

/**
 * State of a breaker as plain data, for `JSON.stringify` and {@link CircuitBreaker.restore}. It holds durations as of
 * `savedAt`, so it can be restored later and elsewhere. Only `version`, `name` and `savedAt` are public; the engine owns the
 * rest.
 */
export interface BreakerSnapshot {
  /** Version of the format. A later version of this package reads the formats of earlier ones. */
  readonly version: number;
  /** Name of the breaker. */
  readonly name: string;
  /** Time of day at which the snapshot was taken, in milliseconds since 1970. */
  readonly savedAt?: number | undefined;
  readonly [field: string]: unknown;
}

/** Takes a snapshot of a circuit. @internal */
export function takeSnapshot(circuit: Circuit): BreakerSnapshot {
  const saved = circuit.read((backend, handle, now) => backend.snapshot(handle, now));
  return { version: 0, ...saved, name: circuit.name, savedAt: Date.now() };
}

/** Returns the milliseconds since a snapshot was taken; 0 if it does not say, or if the time of day was set back. @internal */
export function elapsedSince(savedAt: unknown, reader: OptionsReader): number {
  if (savedAt === undefined) return 0;
  if (typeof savedAt !== 'number' || !Number.isFinite(savedAt) || savedAt < 0) {
    reader.report('snapshot.savedAt', 'range', 'a time in milliseconds since 1970');
    return 0;
  }
  return Math.min(Math.max(0, Date.now() - savedAt), LONGEST_ELAPSED);
}
