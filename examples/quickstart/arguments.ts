import { parseArgs } from 'node:util';
import { type Sabotage, sabotages } from './script.ts';

const backends = ['wasm', 'native'] as const;
const sabotageNames = Object.keys(sabotages) as Sabotage[];

export const usage = `A failing HTTP service on 127.0.0.1, and three circuit breakers that protect its callers. About 20 seconds.

  node main.ts [--backend ${backends.join('|')}] [--sabotage ${sabotageNames.join('|')}]

  --backend   the engine behind the breakers; wasm unless told otherwise
  --sabotage  make the service depart from the script; the checks must notice
  --help      this text

Exits 0 if every circuit opened, failed fast, probed and closed as scripted, 1 if not, 2 for bad arguments.`;

export interface Arguments {
  help: boolean;
  backend: (typeof backends)[number];
  sabotage: Sabotage;
}

/** Throws an Error that says what is accepted. */
export function parseArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      backend: { type: 'string', default: 'wasm' },
      sabotage: { type: 'string', default: 'none' },
    },
  });
  return {
    help: values.help,
    backend: oneOf('--backend', values.backend, backends),
    sabotage: oneOf('--sabotage', values.sabotage, sabotageNames),
  };
}

function oneOf<T extends string>(option: string, value: string, accepted: readonly T[]): T {
  const found = accepted.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${option} must be ${accepted.join(' or ')}, got '${value}'`);
  return found;
}
