// Mutation tests: changes the code a little in every way that the tools know, and checks that a test fails.

import process from 'node:process';
import { parseArgs } from 'node:util';
import { interruptible } from '../../.ci/lib/processes.mjs';
import { mutateRust } from './rust.mjs';
import { results } from './table.mjs';
import { mutateTypeScript } from './typescript.mjs';

const USAGE = `usage: npm run mutants -- [--rust] [--typescript]

  --rust        breaker-core and breaker-bridge, by cargo-mutants; every survivor needs a reason in survivors.json
  --typescript  npm/fusewire, by Stryker; the score must not fall below the one stated in typescript.mjs

Both, one after the other, unless one of them is asked for.`;

interruptible();
process.exitCode = await main();

async function main() {
  const asked = readArguments();
  if (asked === undefined) return 2;
  const both = !asked.rust && !asked.typescript;
  const rows = [];
  if (both || asked.rust) rows.push(...(await mutateRust()));
  if (both || asked.typescript) rows.push(...(await mutateTypeScript()));
  console.log(`\n${results(rows)}`);
  const problems = rows.flatMap((row) => row.problems);
  for (const problem of problems) console.log(`✗ ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

function readArguments() {
  try {
    const options = { rust: { type: 'boolean' }, typescript: { type: 'boolean' } };
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return undefined;
  }
}
