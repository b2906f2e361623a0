// The targets of the random search. A batch of a target depends on its seed alone, so that a batch that failed can be run
// again. The fuzzer is the exception: it runs for a time, and keeps the inputs it found in a corpus of its own.

import process from 'node:process';

/** Programs of one batch of opossum, which takes some seconds. */
const OPOSSUM_PROGRAMS = 200;
/** Operations of one batch of the model and of the engines. */
const OPERATIONS = 50_000;
/** Random programs of one batch of the stores of queues. */
const QUEUE_PROGRAMS = 1_000;
/** Simulations of one batch of consumers. */
const CONSUMER_RUNS = 3_000;
const STORM_SECONDS = 30;

const cargoTest = (...args) => ['cargo', 'test', '--quiet', '--release', '--locked', ...args];
const nodeTest = (...files) => [process.execPath, '--test', '--test-reporter=dot', ...files];
const seedVariables = (seed) => ({ FUSEWIRE_SEED: String(seed), PROPTEST_RNG_SEED: String(seed) });

/** Every target: `batch(seed)` returns the command of a batch and its environment variables. */
export const targets = [
  {
    name: 'model',
    batch: (seed) => ({
      command: cargoTest('--package', 'breaker-model', '--test', 'proof', 'core_and_model_agree_on_generated_programs'),
      env: { ...seedVariables(seed), FUSEWIRE_OPERATIONS: String(OPERATIONS) },
    }),
  },
  {
    name: 'policies',
    batch: (seed) => ({
      command: cargoTest(
        '--package',
        'attempts-core',
        '--package',
        'limits-core',
        '--package',
        'thresholds-core',
        '--tests',
      ),
      env: seedVariables(seed),
    }),
  },
  {
    name: 'engines',
    batch: (seed) => ({
      command: nodeTest('tests/properties/engines.test.ts', 'tests/properties/calls.test.ts'),
      env: { ...seedVariables(seed), FUSEWIRE_OPERATIONS: String(OPERATIONS) },
    }),
  },
  {
    name: 'opossum',
    batch: (seed) => ({
      command: nodeTest('npm/vocabularies/opossum/test/differential.test.ts'),
      env: { ...seedVariables(seed), FUSEWIRE_RUNS: String(OPOSSUM_PROGRAMS) },
    }),
  },
  {
    name: 'queues',
    batch: (seed) => ({
      command: [
        ...[process.execPath, '--no-warnings', 'tests/queues/model/main.ts', '--deeper=-4'],
        ...['--random', String(QUEUE_PROGRAMS), '--seed', String(seed)],
      ],
      env: {},
    }),
  },
  {
    name: 'consumers',
    batch: (seed) => ({
      command: [
        ...[process.execPath, '--no-warnings', 'tests/queues/consumers/main.ts'],
        ...['--runs', String(CONSUMER_RUNS), '--seed', String(seed)],
      ],
      env: {},
    }),
  },
  {
    name: 'storm',
    batch: (seed) => ({
      command: [
        ...[process.execPath, '--expose-gc', 'tests/storm/main.ts'],
        ...['--seconds', String(STORM_SECONDS), '--seed', String(seed)],
      ],
      env: {},
    }),
  },
  {
    name: 'fuzz',
    /** Keeps its own corpus, and cannot be repeated from a seed. */
    runsFor: (seconds) => ({
      command: [process.execPath, 'tests/fuzz/main.mjs', '--seconds', String(seconds)],
      env: {},
    }),
  },
];

/** Returns the target of that name. */
export function targetNamed(name) {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`no target is called ${name}; there are ${names().join(', ')}`);
  return target;
}

export const names = () => targets.map(({ name }) => name);
