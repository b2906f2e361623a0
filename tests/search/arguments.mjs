import { parseArgs } from 'node:util';
import { names } from './targets.mjs';

const LONGEST_MINUTES = 10_080;
export const LARGEST_SEED = 2 ** 31 - 1;

export const usage = `usage: npm run search -- [--minutes N] [--seed N] [--target NAME]…

  --minutes  how long to search, over all targets: 1 to ${LONGEST_MINUTES}; default 10
  --seed     seed of the first batch, 0 to ${LARGEST_SEED}; default: a random one. Each batch has the next seed
  --target   ${names().join(', ')}; may be given more than once; default: all of them`;

/** Reads the command line. Throws an error with a sentence for the user. */
export function parseArguments(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string' },
      target: { type: 'string', multiple: true, default: names() },
      help: { type: 'boolean', default: false },
    },
  });
  for (const name of values.target) {
    if (!names().includes(name)) throw new Error(`--target must be one of ${names().join(', ')}, got '${name}'`);
  }
  return {
    help: values.help,
    targets: values.target,
    minutes: whole('--minutes', values.minutes, 1, LONGEST_MINUTES),
    seed:
      values.seed === undefined
        ? Math.floor(Math.random() * LARGEST_SEED)
        : whole('--seed', values.seed, 0, LARGEST_SEED),
  };
}

function whole(option, text, least, most) {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option} must be a whole number from ${least} to ${most}, got '${text}'`);
}
