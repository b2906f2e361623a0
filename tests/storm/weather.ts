/** What the services do to requests, drawn by chance. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../examples/quickstart/script.ts';
import type { Random } from './random.ts';
import type { Requests } from './requests.ts';

/** One kind of weather: which faults, how long each, how often they take turns. Times in milliseconds. */
interface Spell {
  readonly faults: readonly Fault[];
  readonly least: number;
  readonly most: number;
  readonly turns: number;
}

const CALM: Spell = { faults: ['none'], least: 300, most: 1_200, turns: 1 };

const SPELLS: readonly Spell[] = [
  { faults: ['slow'], least: 200, most: 600, turns: 1 },
  { faults: ['drip'], least: 200, most: 600, turns: 1 },
  { faults: ['error'], least: 100, most: 500, turns: 1 },
  { faults: ['busy'], least: 100, most: 500, turns: 1 },
  { faults: ['reset'], least: 100, most: 500, turns: 1 },
  { faults: ['hang'], least: 100, most: 500, turns: 1 },
  // Down.
  { faults: ['refuse'], least: 200, most: 900, turns: 1 },
  // Flapping.
  { faults: ['error', 'none'], least: 20, most: 90, turns: 10 },
  { faults: ['refuse', 'none'], least: 40, most: 120, turns: 6 },
  { faults: ['slow', 'reset', 'none', 'hang'], least: 30, most: 120, turns: 8 },
];

/** Fair weather is drawn this often. */
const FAIR = 0.3;

/** Has a service fail until `end`, on the clock of performance.now, and recover then. */
export async function weather(requests: Requests, random: Random, end: number): Promise<void> {
  while (performance.now() < end) {
    const { faults, least, most, turns } = random.chance(FAIR) ? CALM : random.pick(SPELLS);
    for (let turn = 0; turn < turns && performance.now() < end; turn++) {
      await requests.service.enter(faults[turn % faults.length] as Fault);
      requests.look();
      await sleep(Math.max(0, Math.min(random.between(least, most), end - performance.now())));
    }
  }
  await requests.service.enter('none');
  requests.look();
}
