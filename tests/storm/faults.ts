import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../examples/quickstart/script.ts';
import type { Random } from './random.ts';
import type { TrackedService } from './tracked-service.ts';

/** Faults that a service alternates between. Durations of one fault are in milliseconds. */
interface Episode {
  readonly faults: readonly Fault[];
  readonly shortest: number;
  readonly longest: number;
  /** Number of faults in the episode. */
  readonly turns: number;
}

const HEALTHY: Episode = { faults: ['none'], shortest: 300, longest: 1_200, turns: 1 };

const EPISODES: readonly Episode[] = [
  { faults: ['slow'], shortest: 200, longest: 600, turns: 1 },
  { faults: ['drip'], shortest: 200, longest: 600, turns: 1 },
  { faults: ['error'], shortest: 100, longest: 500, turns: 1 },
  { faults: ['busy'], shortest: 100, longest: 500, turns: 1 },
  { faults: ['reset'], shortest: 100, longest: 500, turns: 1 },
  { faults: ['hang'], shortest: 100, longest: 500, turns: 1 },
  // The service is down.
  { faults: ['refuse'], shortest: 200, longest: 900, turns: 1 },
  // The service flaps.
  { faults: ['error', 'none'], shortest: 20, longest: 90, turns: 10 },
  { faults: ['refuse', 'none'], shortest: 40, longest: 120, turns: 6 },
  { faults: ['slow', 'reset', 'none', 'hang'], shortest: 30, longest: 120, turns: 8 },
];

/** Share of the episodes that are healthy. */
const HEALTHY_SHARE = 0.3;

/** Makes a service fail at random until `end`, a time of `performance.now()`, and then recover. */
export async function injectFaults(tracked: TrackedService, random: Random, end: number): Promise<void> {
  while (performance.now() < end) {
    const { faults, shortest, longest, turns } = random.chance(HEALTHY_SHARE) ? HEALTHY : random.pick(EPISODES);
    for (let turn = 0; turn < turns && performance.now() < end; turn++) {
      await tracked.service.enter(faults[turn % faults.length] as Fault);
      tracked.readSeenCalls();
      await sleep(Math.max(0, Math.min(random.between(shortest, longest), end - performance.now())));
    }
  }
  await tracked.service.enter('none');
  tracked.readSeenCalls();
}
