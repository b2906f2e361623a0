/**
 * One column: its head, and the text of a row.
 * @typedef {{ head: string, text: (row: any) => string }} Column
 */

const over = (median, fastest) => `${signed(median)} (${signed(fastest)})`;

/** @type {Record<string, Column[]>} by case; the others are timed in nanoseconds over bare */
const COLUMNS = {
  'open-reject': absolute('ns'),
  'open-try': absolute('ns'),
  'bytes-per-call': [
    { head: 'bytes over bare', text: (row) => signed(row.nsOverBare) },
    { head: 'bytes', text: (row) => number(row.ns) },
  ],
  'bytes-per-breaker': [
    { head: 'before a call', text: (row) => number(row.idleBytes) },
    { head: 'after one', text: (row) => number(row.bytes) },
    { head: 'resident', text: (row) => number(row.residentBytes) },
    { head: 'ns to make', text: (row) => number(row.makeNs) },
    { head: 'breakers', text: (row) => number(row.breakers) },
  ],
  idle: [
    { head: 'breakers', text: (row) => number(row.breakers) },
    { head: 'timers alive', text: (row) => number(row.timers) },
    { head: 'CPU ms in 10 s', text: (row) => row.cpuMsIn10s.toFixed(1) },
  ],
  exit: [{ head: 'ms', text: (row) => (row.exitMs === Infinity ? 'does not end' : row.exitMs.toFixed(0)) }],
  import: [
    { head: 'Node.js', text: (row) => row.nodeVersion },
    { head: 'ms (fastest)', text: (row) => `${row.importMs.toFixed(1)} (${row.importFastestMs.toFixed(1)})` },
  ],
  service: [
    { head: 'CPU ms/s', text: (row) => row.cpuMsPerSecond.toFixed(0) },
    { head: 'loop p99 ms', text: (row) => row.loopP99Ms.toFixed(1) },
    { head: 'loop max ms', text: (row) => row.loopMaxMs.toFixed(0) },
    { head: 'calls/s', text: (row) => number(row.callsPerSecond) },
  ],
  core: absolute('ns'),
};

const TIMED = [
  { head: 'ns over bare (fastest)', text: (row) => over(row.nsOverBare, row.nsOverBareFastest) },
  { head: '× bare', text: (row) => row.ratio.toFixed(1) },
  { head: 'ns', text: (row) => number(row.ns) },
];

function absolute(unit) {
  return [{ head: `${unit} (fastest)`, text: (row) => `${number(row.ns)} (${number(row.nsFastest)})` }];
}

/** Columns of the request cases, whose times are CPU time. */
const REQUESTS = [
  { head: '× bare', text: (row) => row.ratio.toFixed(2) },
  { head: '× bare (fastest)', text: (row) => (row.nsFastest / row.bareNsFastest).toFixed(2) },
  { head: 'µs over bare', text: (row) => signed(row.nsOverBare / 1e3) },
  { head: 'µs', text: (row) => number(row.ns / 1e3) },
];

/**
 * @param {import('./cases.mjs').Case} benchCase
 * @param {readonly import('./rows.mjs').Row[]} rows
 */
export function caseTable(benchCase, rows) {
  const columns = [
    {
      head: 'contender',
      text: (row) => (row.size === undefined ? row.contender : `${row.contender} @ ${number(row.size)}`),
    },
    ...(COLUMNS[benchCase.name] ?? (benchCase.name.startsWith('client-') ? REQUESTS : TIMED)),
  ];
  const lines = rows.map((row) =>
    columns.map(({ text }, index) => {
      if (index === 0 || row.unavailable === undefined) return text(row);
      return index === 1 ? `not measured: ${row.unavailable}` : '';
    }),
  );
  return `${benchCase.title}  [${benchCase.name}]\n${table([columns.map(({ head }) => head), ...lines])}`;
}

/** @param {readonly import('./goals.mjs').Verdict[]} verdicts */
export function goalTable(verdicts) {
  const lines = verdicts.map(({ goal, unit, limit, measured, verdict }) => [
    goal,
    `≤ ${limit} ${unit}`,
    measured === undefined ? '' : `${digits(measured)} ${unit}`,
    verdict === 'missed' ? `MISSED by ${excess(measured, limit, unit)}` : verdict,
  ]);
  return `Goals\n${table([['goal', 'limit', 'measured', 'verdict'], ...lines])}`;
}

function excess(measured, limit, unit) {
  return limit === 0 ? `${digits(measured)} ${unit}` : `${((measured / limit - 1) * 100).toPrecision(2)} %`;
}

/** The first column to the left, all others to the right. */
function table(lines) {
  const widths = lines[0].map((head, column) => Math.max(...lines.map((line) => widthIn(line, column))));
  const pad = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  return lines.map((line) => `  ${line.map(pad).join('   ').trimEnd()}`).join('\n') + '\n';
}

/** A reason that stands in for numbers may run over. */
function widthIn(line, column) {
  return line[column].startsWith('not measured: ') ? 0 : line[column].length;
}

function number(value) {
  if (!Number.isFinite(value)) return '–';
  const rounded = Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value);
  return Number(rounded).toLocaleString('en');
}

function signed(value) {
  return `${value < 0 ? '' : '+'}${number(value)}`;
}

function digits(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}
