import { contenders } from './contenders/index.mjs';

/**
 * Every case of a run. `kind` says how it is measured: 'interleaved' (all contenders alive, samples in random order),
 * 'alone' (one process after the other), 'together' (all at once, for what takes time but no CPU), 'spawned' (whole
 * processes are timed), 'core' (the Rust bench).
 * @typedef {object} Case
 * @property {string} name
 * @property {string} title
 * @property {'interleaved' | 'alone' | 'together' | 'spawned' | 'core'} kind
 * @property {string} unit of the table
 * @property {Subject[]} subjects
 * @property {Record<string, unknown>} task
 * @property {string[]} [nodeFlags]
 */

/**
 * Subject of one process: a contender (null for none: a bare call or an empty process), in growth cases at one size.
 * @typedef {{ contender: string | null, size?: number, task?: Record<string, unknown> }} Subject
 */

const GARBAGE_COLLECTION = ['--expose-gc'];
const LARGE_YOUNG_GENERATION = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

const WITH_TIMEOUT = [
  'floor/js-timeout',
  'fusewire/lean+timeout',
  'fusewire/default',
  'cockatiel/sampling+timeout',
  'opossum/lean+timeout',
  'opossum/default',
  '@fusewire/opossum/lean+timeout',
  '@fusewire/opossum/default',
  'levee/default',
  'circuit-breaker-js/default',
  'hystrixjs/default',
  'mollitia/count+timeout',
];

const WITHOUT_TIMEOUT = [
  'async-wrapper',
  'floor/js-then',
  'fusewire/lean',
  'fusewire/lean+inFlight',
  'fusewire/native',
  'fusewire/process',
  'cockatiel/consecutive',
  'cockatiel/sampling',
  'cockatiel/count',
  'opossum/lean',
  '@fusewire/opossum/lean',
  'hystrixjs/no-timeout',
  'mollitia/count',
  'mollitia/time',
];

/** Every library but mollitia, in the order of the tables. */
const LIBRARIES = ['fusewire', 'cockatiel', 'opossum', '@fusewire/opossum', 'levee', 'circuit-breaker-js', 'hystrixjs'];

/** One configuration of each library, for cases in which the others give the same numbers. */
const ONE_OF_EACH = [
  'fusewire/default',
  'fusewire/lean',
  'cockatiel/sampling',
  'opossum/lean',
  'levee/default',
  'circuit-breaker-js/default',
  'hystrixjs/default',
  'mollitia/count',
];

/** Cost of each policy when nothing fails, beside the peers that have it. */
const POLICIES = {
  retry: ['fusewire/retry', 'cockatiel/retry', 'mollitia/retry'],
  timeout: ['fusewire/timeout', 'cockatiel/timeout', 'mollitia/timeout'],
  bulkhead: ['fusewire/bulkhead', 'cockatiel/bulkhead', 'mollitia/bulkhead'],
  'rate-limit': ['fusewire/rateLimit', 'mollitia/ratelimit'],
  fallback: ['fusewire/fallback', 'cockatiel/fallback', 'mollitia/fallback', 'opossum/fallback'],
  'no-peer': ['fusewire/hedge', 'fusewire/shedLoad', 'fusewire/adaptiveBulkhead'],
  pipeline: ['fusewire/pipeline', 'fusewire/pipeline+all', 'cockatiel/wrap', 'mollitia/retry+breaker+timeout'],
};

/** HTTP clients, and what protects them. The bare client is what each is compared with. */
const CLIENTS = {
  fetch: ['signal', '@fusewire/http', 'fusewire', 'opossum', 'cockatiel'],
  undici: ['@fusewire/undici', 'opossum', 'cockatiel'],
  axios: ['@fusewire/axios', 'opossum', 'cockatiel'],
};

/** @returns {Case[]} */
export function casesFor({ quick }) {
  const timed = { measure: 'timed', loopMs: quick ? 6 : 12, warmUpMs: quick ? 250 : 500 };
  const success = { ...timed, loop: 'oneByOne', outcome: 'success', circuit: 'standard' };
  return [
    interleaved('success', 'Closed, success, no timeout', WITHOUT_TIMEOUT, success),
    interleaved('timeout', 'Closed, success, with a timeout of 10 s (fusewire/default 30 s)', WITH_TIMEOUT, success),
    interleaved('failure', 'Closed, 15 of 16 calls fail', names('none', ...LIBRARIES), {
      ...timed,
      loop: 'caught',
      outcome: 'failure',
      circuit: 'neverOpens',
    }),
    interleaved('open-reject', 'Open, rejected with an error', ['floor/js-then', ...names(...LIBRARIES, 'mollitia')], {
      ...timed,
      loop: 'caught',
      outcome: 'success',
      circuit: 'staysOpen',
    }),
    interleaved(
      'open-try',
      'Open, rejected through tryExecute',
      ['fusewire/default', 'fusewire/lean', 'fusewire/native'],
      {
        ...timed,
        loop: 'byStatus',
        outcome: 'success',
        circuit: 'staysOpen',
      },
    ),
    interleaved(
      'in-flight-1000',
      '1,000 calls in flight',
      [...WITHOUT_TIMEOUT, ...WITH_TIMEOUT].filter((name) => !name.startsWith('mollitia/')),
      {
        ...success,
        loop: 'inFlight',
        width: 1_000,
      },
    ),
    interleaved(
      'in-flight-100000',
      '100,000 calls in flight',
      [
        'floor/js-then',
        'floor/js-timeout',
        'fusewire/lean',
        'fusewire/lean+timeout',
        'fusewire/default',
        'cockatiel/count',
        'cockatiel/sampling',
        'opossum/lean+timeout',
      ],
      {
        ...success,
        loop: 'inFlight',
        width: 100_000,
      },
    ),
    {
      ...interleaved(
        'bytes-per-call',
        'Bytes allocated per call',
        names('none', ...LIBRARIES, 'mollitia').filter((name) => name !== 'mollitia/time'),
        { measure: 'bytes' },
      ),
      unit: 'bytes',
      nodeFlags: LARGE_YOUNG_GENERATION,
    },
    ...Object.entries(POLICIES).map(([policy, contenderNames]) =>
      interleaved(`policy-${policy}`, `A policy, success: ${policy}`, contenderNames, success),
    ),
    ...Object.entries(CLIENTS).map(([name, protections]) => requests(name, protections, quick)),
    growth(
      'growth-window',
      'Growth with the size of the count window',
      ['fusewire/lean', 'cockatiel/count'],
      [10, 1_000, 100_000],
      success,
      'window',
    ),
    growth('growth-window', '', ['mollitia/count'], [10, 1_000], success, 'window'),
    growth(
      'growth-breakers',
      'Growth with the number of breakers, called in turn',
      ['fusewire/lean', 'cockatiel/count', 'cockatiel/sampling'],
      [1, 1_000, 100_000],
      { ...success, loop: 'roundRobin' },
      'width',
    ),
    bytesPerBreaker(quick),
    idle(quick),
    {
      name: 'exit',
      title: 'Exit delay after one call',
      kind: 'spawned',
      unit: 'ms',
      subjects: subjects([null, ...ONE_OF_EACH]),
      task: { rounds: quick ? 3 : 7 },
    },
    {
      name: 'import',
      title: 'Import, over an empty script',
      kind: 'spawned',
      unit: 'ms',
      subjects: subjects([...LIBRARIES, 'mollitia']),
      task: { rounds: quick ? 5 : 15 },
    },
    service(quick),
    {
      name: 'core',
      title: 'The Rust core alone: admit + settle, 1 of 16 fails',
      kind: 'core',
      unit: 'ns',
      subjects: [],
      task: { rounds: quick ? 10 : 40 },
    },
  ].reduce(mergeSameName, []);
}

function interleaved(name, title, contenderNames, task) {
  return { name, title, kind: 'interleaved', unit: 'ns', subjects: subjects(contenderNames), task };
}

/** CPU time of requests, 20 at a time. */
function requests(name, protections, quick) {
  const task = { measure: 'requests', bare: `${name}/bare`, width: 20, requests: 200 };
  const title = `GET of ${name}, keep-alive, 20 at a time: CPU time`;
  const contenderNames = protections.map((protection) => `${name}/${protection}`);
  return interleaved(`client-${name}`, title, contenderNames, { ...task, warmUp: quick ? 4_000 : 6_000 });
}

/** One process per contender and size; the size goes into the task under `field`. */
function growth(name, title, contenderNames, sizes, task, field) {
  const each = contenderNames.flatMap((contender) =>
    sizes.map((size) => ({ contender, size, task: { [field]: size } })),
  );
  return { name, title, kind: 'interleaved', unit: 'ns', subjects: each, task };
}

function bytesPerBreaker(quick) {
  const full = quick ? 20_000 : 100_000;
  // Contenders that take kilobytes or start timers get fewer.
  const heavy = new Set(['opossum/lean', 'opossum/default', '@fusewire/opossum/lean', 'hystrixjs/default']);
  return {
    name: 'bytes-per-breaker',
    title: 'Bytes per breaker: made, and after one call each',
    kind: 'alone',
    unit: 'bytes',
    subjects: [
      'floor/js-then',
      ...ONE_OF_EACH,
      'fusewire/native',
      'opossum/default',
      '@fusewire/opossum/lean',
      'cockatiel/count',
    ].map((contender) => ({
      contender,
      task: { count: heavy.has(contender) ? full / 10 : full },
    })),
    task: { measure: 'breakers' },
    nodeFlags: GARBAGE_COLLECTION,
  };
}

function idle(quick) {
  const all = [
    null,
    'floor/js-then',
    'floor/js-timeout',
    ...ONE_OF_EACH,
    'opossum/default',
    '@fusewire/opossum/default',
  ];
  return {
    name: 'idle',
    title: 'At rest after one call each: timers, and CPU in 10 s',
    kind: 'together',
    unit: '',
    subjects: [
      ...all.map((contender) => ({ contender, task: { count: 1_000 } })),
      { contender: 'fusewire/default', size: 100_000, task: { count: 100_000 } },
    ],
    // V8 tidies up a process at rest now and then; the median of three passes that over.
    task: { measure: 'idle', seconds: quick ? 4 : 10, rounds: 3 },
    nodeFlags: GARBAGE_COLLECTION,
  };
}

function service(quick) {
  return {
    name: 'service',
    title: '3,000 calls/s of 20 ms, 30 % failing, circuit closed',
    kind: 'alone',
    unit: '',
    subjects: subjects([
      null,
      'floor/js-timeout',
      'fusewire/default',
      'fusewire/lean',
      'cockatiel/sampling',
      'opossum/lean',
      'opossum/default',
      '@fusewire/opossum/default',
    ]),
    task: {
      measure: 'service',
      callsPerSecond: 3_000,
      warmUpSeconds: quick ? 1 : 3,
      seconds: quick ? 2 : 4,
      rounds: quick ? 1 : 2,
    },
  };
}

function subjects(names) {
  return names.map((contender) => ({ contender }));
}

/** The contenders of these libraries. */
function names(...libraries) {
  return contenders.filter((contender) => libraries.includes(contender.library)).map((contender) => contender.name);
}

/** Merges cases of the same name into one. */
function mergeSameName(cases, next) {
  const same = cases.find((other) => other.name === next.name);
  if (same === undefined) return [...cases, next];
  same.subjects.push(...next.subjects);
  return cases;
}
