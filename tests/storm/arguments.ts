import { parseArgs } from 'node:util';

/** What can be wrong on purpose. */
const PLANTS = ['none', 'leak', 'miscount', 'rejection', 'timer', 'hang'] as const;
export type Plant = (typeof PLANTS)[number];

export interface Arguments {
  readonly seconds: number;
  readonly seed: number;
  readonly plant: Plant;
  readonly help: boolean;
}

const LONGEST = 7_200;
const LARGEST_SEED = 2 ** 32 - 1;

export const usage = `All policies together, against a service that fails by chance, and everything adds up.

  npm run storm -- [--seconds N] [--seed N] [--plant ${PLANTS.slice(1).join('|')}]

  --seconds  how long, 10 to ${LONGEST}; 600 unless told otherwise
  --seed     which faults and calls, 0 to ${LARGEST_SEED}; 1 unless told otherwise
  --plant    something wrong on purpose: the run must fail
  --help     this text

Exits 0 if it survived, 1 if not, 2 for bad arguments.`;

/** Throws an Error that says what is accepted. */
export function parseArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      seconds: { type: 'string', default: '600' },
      seed: { type: 'string', default: '1' },
      plant: { type: 'string', default: 'none' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const plant = PLANTS.find((name) => name === values.plant);
  if (plant === undefined) throw new Error(`--plant must be ${PLANTS.join(' or ')}, got '${values.plant}'`);
  return {
    seconds: whole('--seconds', values.seconds, 10, LONGEST),
    seed: whole('--seed', values.seed, 0, LARGEST_SEED),
    plant,
    help: values.help,
  };
}

function whole(option: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value <= most) return value;
  throw new Error(`${option} must be a whole number from ${least} to ${most}, got '${given}'`);
}
