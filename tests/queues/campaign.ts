// Campaign of faults against the queues: two workers, which start their consumer once and enqueue operations, are killed,
// suspended and cut off, and their servers and clocks as well. A ledger of all processes shows what was done.
//
//   npm run kills -- [--store memory|sqlite|postgres|pgBoss|bullmq]… [--seed N] [--kills N] [--faults N] [--only FAULT]… [--json FILE]

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { interruptible } from '../../.ci/lib/processes.mjs';
import { problemsOf, runPhase } from './faults/phases.ts';
import type { PhaseResult } from './faults/phases.ts';
import { FAULTS, subjects } from './subjects.ts';

interruptible();

const { values: options } = parseArgs({
  options: {
    store: { type: 'string', multiple: true, default: Object.keys(subjects) },
    seed: { type: 'string', default: process.env['FUSEWIRE_SEED'] ?? '20261201' },
    kills: { type: 'string', default: '300' },
    faults: { type: 'string', default: '30' },
    only: { type: 'string', multiple: true, default: [...FAULTS] },
    json: { type: 'string' },
  },
});
const results: ({ store: string; problems: string[] } & PhaseResult)[] = [];
for (const name of options.store) {
  const subject = subjects[name as keyof typeof subjects] as (typeof subjects)['memory'] | undefined;
  if (subject === undefined)
    throw new Error(`no store is called ${name}; there are ${Object.keys(subjects).join(', ')}`);
  const store = await subject.open();
  try {
    for (const fault of subject.faults.filter((each) => options.only.includes(each))) {
      const count = Number(fault === 'kills' ? options.kills : options.faults);
      const result = await runPhase(subject, store, fault, count, Number(options.seed));
      const problems = problemsOf(result);
      results.push({ store: name, problems, ...result });
      show(name, result, problems);
    }
  } finally {
    await store.close();
  }
}
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ seed: Number(options.seed), results }, null, 2)}\n`);
}
const failed = results.filter(({ problems }) => problems.length > 0);
console.log(`${results.length} phases, ${failed.length} failed (seed ${options.seed})`);
process.exitCode = failed.length === 0 && results.length > 0 ? 0 : 1;

function show(store: string, result: PhaseResult, problems: readonly string[]): void {
  const { fault, count, acknowledged, runs, again, overlapping, late, resent, lost, slowest, seconds } = result;
  console.log(
    [
      `${store}: ${count} ${fault}`,
      `${acknowledged} acknowledged, ${runs} runs, ${again} again, ${overlapping} overlapping, ${late} late, ${resent} resent, ${lost.length} lost`,
      `slowest to go on ${Math.round(slowest)} ms, ${Math.round(seconds)} s`,
    ].join('; '),
  );
  for (const problem of problems.slice(0, 10)) console.log(`  ${problem}`);
}
