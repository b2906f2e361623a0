import { parseArgs } from 'node:util';

/** Errors that can be planted. The run must detect each. */
const PLANTS = ['none', 'leak', 'miscount', 'rejection', 'timer', 'hang'] as const;
export type Plant = (typeof PLANTS)[number];

export interface Arguments {
  readonly seconds: number;
  readonly seed: number;
  readonly plant: Plant;
  readonly help: boolean;
}

const MAX_SECONDS = 7_200;
const MAX_SEED = 2 ** 32 - 1;

export const usage = `Runs all policies together against services that fail at random, and compares the counts of every layer.

  npm run storm -- [--seconds N] [--seed N] [--plant ${PLANTS.slice(1).join('|')}]

  --seconds  duration, 1 to ${MAX_SECONDS}; default 600
  --seed     seed of the faults and calls, 0 to ${MAX_SEED}; default 1
  --plant    plant an error, which must make the run fail
  --help     print this text

Exits with 0 if every check passed, with 1 if not, and with 2 for invalid arguments.`;

/** Parses the arguments. Throws an Error that lists the accepted values. */
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
    seconds: parseWhole('--seconds', values.seconds, 1, MAX_SECONDS),
    seed: parseWhole('--seed', values.seed, 0, MAX_SEED),
    plant,
    help: values.help,
  };
}

function parseWhole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${option} must be a whole number from ${least} to ${most}, got '${text}'`);
}
