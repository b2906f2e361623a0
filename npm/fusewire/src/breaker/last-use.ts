import { STATS, STATS_LENGTH } from '../engine/codes.ts';
import type { Circuit } from './circuit.ts';

const row = new Float64Array(STATS_LENGTH);

/** Returns how long ago a call of the circuit last succeeded or failed, in milliseconds: 0 for a call in flight. */
export function timeSinceLastCall(circuit: Circuit): number {
  if (circuit.inFlight > 0) return 0;
  circuit.read((backend, handle, now) => backend.stats(handle, now, row));
  const ages = [row[STATS.lastSuccessAge], row[STATS.lastFailureAge]] as number[];
  return Math.min(...ages.map((age) => (age >= 0 ? age : Number.POSITIVE_INFINITY)));
}
