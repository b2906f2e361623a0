import type { OperationsEvent } from '../../display/model.ts';

/** Time for which callers experienced a circuit that was not closed. */
export interface Outage {
  readonly from: number;
  /** Time at which the circuit closed; undefined if it has not. */
  readonly to: number | undefined;
}

/** Returns the outages of one breaker in a list of its events, the newest event first. */
export function outagesIn(events: readonly OperationsEvent[]): Outage[] {
  const outages: Outage[] = [];
  let from: number | undefined;
  for (const { time, kind, details } of events.toReversed()) {
    if (kind !== 'state-change' || details['shadow'] === true) continue;
    if (details['to'] === 'CLOSED') {
      if (from !== undefined) outages.push({ from, to: time });
      from = undefined;
    } else from ??= time;
  }
  if (from !== undefined) outages.push({ from, to: undefined });
  return outages;
}

/** Returns the median time of the outages that have ended, in milliseconds; undefined if there is none. */
export function medianRecovery(outages: readonly Outage[]): number | undefined {
  const times = outages
    .flatMap(({ from, to }) => (to === undefined ? [] : [to - from]))
    .sort((one, other) => one - other);
  return times[Math.floor(times.length / 2)];
}
