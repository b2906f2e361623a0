import { parseArgs } from 'node:util';
import { type Sabotage, sabotages } from './script.ts';

const backends = ['wasm', 'native'] as const;
const sabotageNames = Object.keys(sabotages) as Sabotage[];

export const usage = `A failing HTTP service on 127.0.0.1, and three circuit breakers that protect its callers. About 20 seconds.

  node main.ts [--backend ${backends.join('|')}] [--sabotage ${sabotageNames.join('|')}] [--dashboard]

  --backend   build of the engine that the breakers run on; wasm by default
  --sabotage  makes the service depart from the script, so that checks fail
  --dashboard serves a dashboard on 127.0.0.1, and repeats the script until you press Ctrl+C
  --help      prints this text

Exits with 0 if every circuit opened, rejected, probed and closed as scripted, with 1 if not, with 2 for bad arguments.`;

/** Options of the command line. */
export interface Arguments {
  help: boolean;
  backend: (typeof backends)[number];
  sabotage: Sabotage;
  dashboard: boolean;
}

/** Parses the command line. Throws an error that names the accepted values. */
export function parseArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      backend: { type: 'string', default: 'wasm' },
      sabotage: { type: 'string', default: 'none' },
      dashboard: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    backend: oneOf('--backend', values.backend, backends),
    sabotage: oneOf('--sabotage', values.sabotage, sabotageNames),
    dashboard: values.dashboard,
  };
}

function oneOf<T extends string>(option: string, value: string, accepted: readonly T[]): T {
  const found = accepted.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${option} must be ${accepted.join(' or ')}, got '${value}'`);
  return found;
}
