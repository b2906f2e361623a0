import { parseArgs } from 'node:util';

const BACKENDS = ['wasm', 'native'] as const;
type BackendName = (typeof BACKENDS)[number];

export interface Arguments {
  readonly calls: number;
  readonly backends: readonly BackendName[];
  /** A leak made on purpose, which the run must notice. */
  readonly leak: boolean;
  readonly help: boolean;
}

export const usage = `Calls of every kind through breakers of every kind, and nothing left over.

  npm run soak -- [--calls N] [--backend ${BACKENDS.join('|')}] [--leak]

  --calls    how many, 10000 to 1000000000; 10000000 unless told otherwise
  --backend  the engine behind the breakers; one after the other unless told otherwise
  --leak     keep a little of every round: the run must fail
  --help     this text

Exits 0 if the heap stayed flat and everything balanced, 1 if not, 2 for bad arguments.`;

/** Throws an Error that says what is accepted. */
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
