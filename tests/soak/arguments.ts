import { parseArgs } from 'node:util';

const BACKENDS = ['wasm', 'native'] as const;
type BackendName = (typeof BACKENDS)[number];

export interface Arguments {
  readonly calls: number;
  readonly backends: readonly BackendName[];
  /** Whether to plant a leak, which the run must detect. */
  readonly leak: boolean;
  readonly help: boolean;
}

export const usage = `Makes millions of calls of every kind through breakers of every kind, and checks that nothing remains of them.

  npm run soak -- [--calls N] [--backend ${BACKENDS.join('|')}] [--leak]

  --calls    number of calls, 10000 to 1000000000; default 10000000
  --backend  engine of the breakers; default one after the other
  --leak     plant a leak, which must make the run fail
  --help     print this text

Exits with 0 if the heap stayed flat and every count matched, with 1 if not, and with 2 for invalid arguments.`;

/** Parses the arguments. Throws an Error that lists the accepted values. */
export function parseArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      calls: { type: 'string', default: '10000000' },
      backend: { type: 'string' },
      leak: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const calls = Number(values.calls);
  if (!Number.isInteger(calls) || calls < 10_000 || calls > 1_000_000_000) {
    throw new Error(`--calls must be a whole number from 10000 to 1000000000, got '${values.calls}'`);
  }
  const backends = BACKENDS.filter((name) => values.backend === undefined || name === values.backend);
  if (backends.length === 0) throw new Error(`--backend must be ${BACKENDS.join(' or ')}, got '${values.backend}'`);
  return { calls, backends, leak: values.leak, help: values.help };
}
