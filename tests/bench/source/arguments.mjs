import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench -- [options]

  --quick            few and short rounds: for development, not for claims
  --case NAME        only this case (repeatable; its first words are enough)
  --contender NAME   only this contender (repeatable; its first words are enough)
  --node PATH        the Node.js binary to measure on (default: the one that runs this)
  --node-flag FLAG   a flag for the measuring processes, such as --cpu-prof (repeatable)
  --json FILE        write every row and every goal as JSON
  --check            exit with 1 when a goal is missed or could not be measured
  --list             name the cases and contenders, measure nothing
  --help             this text`;

/**
 * @param {string[]} argv
 * @returns the options of one run
 */
export function readArguments(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
      contender: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', default: process.execPath },
      'node-flag': { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, nodeFlags: values['node-flag'] };
}

/**
 * Whether a name passes a filter: no filter, or equal to one of its words, or one of them and something after it
 * (`fusewire` lets `fusewire/lean` pass, `in-flight-1000` not `in-flight-100000`).
 * @param {string} name
 * @param {readonly string[]} filter
 */
export function passes(name, filter) {
  const begins = (/** @type {string} */ word) => name.startsWith(word) && /^(\W|$)/.test(name.slice(word.length));
  return filter.length === 0 || filter.some(begins);
}
