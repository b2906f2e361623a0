// Runs the tests of this repository, two runners at a time, and counts them.
//
//   npm test [-- runner…]          every runner, or those whose name contains one of the words given
//   npm run test:quick [-- …]      the ones that take seconds
//
// The output of a runner appears when it has ended; that of a runner which runs alone, at once. A runner that crashes, or
// that reports no test at all, counts as one failure. The last line is `N passed, N failed`.

import process from 'node:process';
import { runAll } from './lib/pool.mjs';
import { interruptible } from './lib/processes.mjs';
import { runners } from './lib/runners.mjs';
import { table } from './lib/table.mjs';

interruptible();
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const words = args.filter((word) => word !== '--quick');

const chosen = runners().filter(
  (runner) => (!quick || runner.quick) && (words.length === 0 || words.some((word) => runner.name.includes(word))),
);
const results = await runAll(chosen, (text) => process.stdout.write(text));
if (results.length === 0) {
  results.push({ name: words.join(' '), passed: 0, failed: 1, seconds: 0, note: 'there is no such runner' });
}

const sum = (field) => results.reduce((total, result) => total + result[field], 0);
console.log(`\n${table(results)}\n`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
