// Measures our queues beside the engines used directly: PostgreSQL and Redis run as for the tests.
//
//   node tests/bench/queues/main.mjs [--quick] [--json FILE] [--case NAME] [--contender NAME] [--server postgres|redis]
//
// In every round each contender of a server gives one sample, in random order. The ratio is that of the rates within one
// round, so that a slow moment of the machine affects both; the table shows the median.

import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startPostgres, startRedis } from '../../queues/servers.ts';
import { median, shuffled } from '../source/statistics.mjs';
import { CONTENDERS, inLoops } from './contenders.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    case: { type: 'string', multiple: true, default: [] },
    contender: { type: 'string', multiple: true, default: [] },
    server: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds ?? (options.quick ? 3 : 7));
const SIZE = options.quick ? 0.3 : 1;
const BACKLOG = options.quick ? 20_000 : 100_000;
/** Messages of a sample, by the number of them at once. */
const MESSAGES = { 1: 300, 16: 2_400 };

const CASES = [0, BACKLOG].flatMap((waiting) =>
  ['enqueue', 'drain'].flatMap((kind) =>
    [1, 16].map((atOnce) => ({
      name: `${kind}-${atOnce}${waiting === 0 ? '' : '-backlog'}`,
      title: `${kind} ${atOnce} at a time, ${waiting === 0 ? 'empty' : `${waiting.toLocaleString('en')} waiting`}`,
      kind,
      atOnce,
      waiting,
      messages: Math.round(MESSAGES[atOnce] * SIZE),
    })),
  ),
);
const begins = (name, words) => words.length === 0 || words.some((word) => name.startsWith(word));

const rows = [];
for (const [server, start] of [
  ['postgres', startPostgres],
  ['redis', startRedis],
]) {
  const contenders = CONTENDERS.filter(
    (contender) =>
      contender.server === server && begins(server, options.server) && begins(contender.name, options.contender),
  );
  if (contenders.length === 0) continue;
  const running = await start();
  try {
    await measure(server, contenders, running);
  } finally {
    await running.stop();
  }
}
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ node: process.version, rows }, undefined, 1)}\n`);

async function measure(server, contenders, running) {
  const opened = new Map();
  for (const [index, contender] of contenders.entries())
    opened.set(contender, await contender.open(running, `bench_${index}`));
  for (const waiting of [0, BACKLOG]) {
    const cases = CASES.filter((each) => each.waiting === waiting && begins(each.name, options.case));
    if (cases.length === 0) continue;
    for (const queue of opened.values()) {
      await queue.empty();
      if (waiting > 0) await queue.fill(waiting);
    }
    for (const benchCase of cases) await measureCase(server, benchCase, contenders, opened);
  }
  for (const queue of opened.values()) await queue.close();
}

async function measureCase(server, benchCase, contenders, opened) {
  const samples = new Map(contenders.map((contender) => [contender, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const contender of shuffled(contenders)) {
      const rate = await sample(opened.get(contender), benchCase);
      // The first round warms up.
      if (round >= 0) samples.get(contender).push(rate);
    }
  }
  const lines = contenders.map((contender) => {
    const rates = samples.get(contender);
    const row = { server, case: benchCase.name, contender: contender.name, perSecond: median(rates), samples: rates };
    const ratios = contenders
      .filter(({ name }) => contender.beside?.includes(name))
      .map((other) => [other.name, median(rates.map((rate, round) => rate / samples.get(other)[round]))]);
    rows.push({ ...row, ratios: Object.fromEntries(ratios), load: loadavg()[0] });
    const beside = ratios.map(([name, ratio]) => `${ratio.toFixed(2)} × ${name}`).join(', ');
    const rate = Math.round(row.perSecond).toLocaleString('en').padStart(9);
    return `  ${contender.name.padEnd(26)}${rate} a second   ${beside}`.trimEnd();
  });
  const load = loadavg()[0].toFixed(1);
  console.log(`${server}: ${benchCase.title}  [${benchCase.name}], load ${load}\n${lines.join('\n')}\n`);
}

/** Returns messages per second. The number of waiting messages is the same afterwards. */
async function sample(queue, { kind, atOnce, messages, waiting }) {
  if (kind === 'enqueue') {
    const begun = performance.now();
    await inLoops(atOnce, messages, queue.enqueue);
    const rate = (messages / (performance.now() - begun)) * 1e3;
    if (waiting === 0) await queue.empty();
    else await drain(queue, 64, messages);
    return rate;
  }
  await queue.fill(messages);
  const rate = await drain(queue, atOnce, messages);
  if (waiting === 0) await queue.empty();
  return rate;
}

/** Runs so many messages, and returns how many a second: from the first to the last, so that the start does not count. */
async function drain(queue, atOnce, messages) {
  let runs = 0;
  let first = 0;
  let last = 0;
  let stop;
  await new Promise((resolve, reject) => {
    const onRun = () => {
      const now = performance.now();
      if (++runs === 1) first = now;
      if (runs === messages) {
        last = now;
        resolve();
      }
    };
    queue.consume(atOnce, onRun).then((end) => (stop = end), reject);
  });
  while (stop === undefined) await new Promise((resolve) => setImmediate(resolve));
  await stop();
  return ((messages - 1) / (last - first)) * 1e3;
}
