import { findRow } from './rows.mjs';

/**
 * A goal: a number of at most `limit`. `measure` returns the number, or undefined if a row it needs was left out by a
 * filter or was not available.
 * @typedef {object} Goal
 * @property {string} text
 * @property {number} limit
 * @property {string} unit '×' for a ratio
 * @property {(rows: readonly import('./rows.mjs').Row[]) => number | undefined} measure
 */

/** @typedef {{ goal: string, unit: string, limit: number, measured: number | undefined, verdict: 'holds' | 'missed' | 'not measured' }} Verdict */

/** Peers whose rejections are compared with the fastest one. */
const REJECTING_PEERS = [
  'cockatiel/sampling',
  'cockatiel/count',
  'cockatiel/consecutive',
  'opossum/lean',
  'opossum/default',
  'levee/default',
  'circuit-breaker-js/default',
  'hystrixjs/default',
  'hystrixjs/no-timeout',
  'mollitia/count',
];

const LEAN = 'fusewire/lean';
const DEFAULT = 'fusewire/default';
const TIMEOUT = 'fusewire/lean+timeout';

/** @type {readonly Goal[]} in the order of the design */
export const goals = [
  over('success', LEAN, 'cockatiel/sampling', 0.6),
  over('success', LEAN, 'cockatiel/count', 0.85),
  over('success', LEAN, 'opossum/lean', 0.22),
  over('success', LEAN, 'floor/js-then', 1.25),
  over('timeout', TIMEOUT, 'opossum/lean+timeout', 0.25),
  over('timeout', TIMEOUT, 'levee/default', 0.45),
  over('timeout', TIMEOUT, 'circuit-breaker-js/default', 0.5),
  over('failure', LEAN, 'cockatiel/sampling', 0.5),
  over('failure', LEAN, 'opossum/lean', 0.1),
  // The cost of a failure grows with the calls in opossum's window, so that its fastest round is no typical one.
  ratio('failure', LEAN, 'opossum/default', 'nsOverBare', 0.01),
  absolute('open-reject', DEFAULT, 'cockatiel/sampling', 0.35),
  absolute('open-reject', DEFAULT, 'opossum/lean', 0.35),
  absolute('open-reject', DEFAULT, 'hystrixjs/default', 0.5),
  {
    text: `open-try: ${DEFAULT} / the fastest peer's rejection with an error`,
    limit: 0.1,
    unit: '×',
    measure: (rows) => {
      const peers = REJECTING_PEERS.map((peer) => value(rows, 'open-reject', peer, 'nsFastest'));
      const known = peers.filter((ns) => ns !== undefined);
      return known.length === 0 ? undefined : divide(value(rows, 'open-try', DEFAULT, 'nsFastest'), Math.min(...known));
    },
  },
  ...['retry', 'timeout', 'bulkhead', 'fallback'].flatMap((policy) => [
    over(`policy-${policy}`, `fusewire/${policy}`, `cockatiel/${policy}`, 1),
    over(`policy-${policy}`, `fusewire/${policy}`, `mollitia/${policy}`, 1),
  ]),
  over('policy-rate-limit', 'fusewire/rateLimit', 'mollitia/ratelimit', 1),
  over('policy-fallback', 'fusewire/fallback', 'opossum/fallback', 1),
  over('policy-pipeline', 'fusewire/pipeline', 'cockatiel/wrap', 0.1),
  atMost('client-fetch', 'fetch/@fusewire/http', 'ratio', 1.2, '×', 'CPU over a bare fetch'),
  atMost('client-undici', 'undici/@fusewire/undici', 'ratio', 1.1, '×', 'CPU over a bare request'),
  atMost('client-axios', 'axios/@fusewire/axios', 'ratio', 1.1, '×', 'CPU over a bare request'),
  over('in-flight-1000', LEAN, 'cockatiel/sampling', 0.5),
  over('in-flight-1000', LEAN, 'opossum/lean', 0.2),
  over('bytes-per-call', LEAN, 'cockatiel/sampling', 0.25),
  over('bytes-per-call', TIMEOUT, 'opossum/lean+timeout', 0.35),
  ratio('bytes-per-breaker', DEFAULT, 'cockatiel/sampling', 'bytes', 0.5),
  ratio('bytes-per-breaker', DEFAULT, 'opossum/lean', 'bytes', 0.13),
  atMost('bytes-per-breaker', DEFAULT, 'idleBytes', 1024, 'bytes', 'before its first call'),
  grows('growth-window', LEAN, 10, 100_000, 1.2, 'calls in the window'),
  grows('growth-breakers', LEAN, 1, 100_000, 1.6, 'breakers'),
  over('in-flight-100000', LEAN, 'cockatiel/count', 0.4),
  atMost('idle', DEFAULT, 'timers', 0, 'timers', 'after one call each'),
  atMost('idle', DEFAULT, 'cpuMsIn10s', 3, 'ms', 'CPU of 1,000 breakers in 10 s'),
  atMost('idle', DEFAULT, 'cpuMsIn10s', 3, 'ms', 'CPU of 100,000 breakers in 10 s', 100_000),
  atMost('exit', DEFAULT, 'exitMs', 50, 'ms', 'after one call'),
  {
    text: 'import: fusewire over an empty script, the slowest Node.js measured',
    limit: 10,
    unit: 'ms',
    measure: (rows) => {
      const times = rows
        .filter((row) => row.case === 'import' && row.contender === 'fusewire')
        .map((row) => row.importMs);
      return times.length === 0 || times.includes(undefined) ? undefined : Math.max(...times);
    },
  },
  over('success', 'fusewire/process', LEAN, 2),
  over('success', '@fusewire/opossum/lean', 'opossum/lean', 1),
  over('timeout', '@fusewire/opossum/lean+timeout', 'opossum/lean+timeout', 0.8),
  over('failure', '@fusewire/opossum/lean', 'opossum/lean', 0.5),
  {
    text: `service: ${DEFAULT}, CPU over bare`,
    limit: 20,
    unit: 'ms/s',
    measure: (rows) => {
      const bare = value(rows, 'service', 'bare', 'cpuMsPerSecond');
      const ours = value(rows, 'service', DEFAULT, 'cpuMsPerSecond');
      return bare === undefined || ours === undefined ? undefined : ours - bare;
    },
  },
  atMost('service', DEFAULT, 'loopP99Ms', 3, 'ms', 'event-loop p99'),
  atMost('core', 'breaker-core/time', 'nsFastest', 10, 'ns', 'admit + settle'),
  ratio('core', 'breaker-core/time', 'recloser/count', 'nsFastest', 1),
  ratio('core', 'breaker-core/time', 'failsafe/consecutive', 'nsFastest', 1),
  ratio('core', 'breaker-core/time', 'tower-resilience/count', 'nsFastest', 1),
];

/**
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @returns {Verdict[]}
 */
export function judge(rows) {
  return goals.map(({ text, limit, unit, measure }) => {
    const measured = measure(rows);
    const verdict = measured === undefined ? 'not measured' : measured <= limit ? 'holds' : 'missed';
    return { goal: text, unit, limit, measured, verdict };
  });
}

/** Ratio of the times that two contenders add to a bare call, each the fastest round minus the fastest bare round. */
function over(caseName, ours, theirs, limit) {
  return ratio(caseName, ours, theirs, caseName.startsWith('bytes') ? 'nsOverBare' : 'nsOverBareFastest', limit);
}

/** Time of a whole call, for cases without a bare call to compare with. */
function absolute(caseName, ours, theirs, limit) {
  return ratio(caseName, ours, theirs, 'nsFastest', limit);
}

function ratio(caseName, ours, theirs, field, limit) {
  return {
    text: `${caseName}: ${ours} / ${theirs}`,
    limit,
    unit: '×',
    measure: (rows) => divide(value(rows, caseName, ours, field), value(rows, caseName, theirs, field)),
  };
}

function grows(caseName, contender, from, to, limit, what) {
  return {
    text: `${caseName}: ${contender}, ${from} → ${to.toLocaleString('en')} ${what}`,
    limit,
    unit: '×',
    measure: (rows) => {
      const at = (size) => value(rows, caseName, contender, 'nsOverBareFastest', size);
      return divide(at(to), at(from));
    },
  };
}

function atMost(caseName, contender, field, limit, unit, what, size) {
  return {
    text: `${caseName}: ${contender}, ${what}`,
    limit,
    unit,
    measure: (rows) => value(rows, caseName, contender, field, size),
  };
}

function value(rows, caseName, contender, field, size) {
  return findRow(rows, caseName, contender, size)?.[field];
}

function divide(above, below) {
  return above === undefined || below === undefined ? undefined : above / below;
}
