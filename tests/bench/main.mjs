// Measures fusewire beside other circuit breakers. README.md explains the method and the tables.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { passes, readArguments, USAGE } from './source/arguments.mjs';
import { casesFor } from './source/cases.mjs';
import { judge } from './source/goals.mjs';
import { runCase } from './source/run.mjs';
import { caseTable, goalTable } from './source/table.mjs';

const options = readArguments(process.argv.slice(2));
if (options.help) {
  console.log(USAGE);
} else if (options.list) {
  for (const { name, title, subjects } of selectCases()) {
    const names = subjects.map(
      ({ contender, size }) => `${contender ?? 'bare'}${size === undefined ? '' : ` @ ${size}`}`,
    );
    console.log(`${name}: ${title}\n  ${names.join(', ')}\n`);
  }
} else {
  await measure().catch((error) => {
    console.error(error);
    process.exitCode = 2;
  });
}

async function measure() {
  const settings = {
    node: options.node,
    nodeFlags: options.nodeFlags,
    launches: options.quick ? 1 : 2,
    rounds: options.quick ? 5 : 10,
  };
  const about = { node: nodeVersion(options.node), cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  console.log(
    `Node.js ${about.node}, ${about.cores} × ${about.cpu}${options.quick ? ', quick run: not for claims' : ''}\n`,
  );

  const rows = [];
  for (const benchCase of selectCases()) {
    const started = Date.now();
    const found = await runCase(benchCase, settings);
    rows.push(...found);
    console.log(caseTable(benchCase, found));
    console.error(`  ${benchCase.name}: ${((Date.now() - started) / 1_000).toFixed(0)} s\n`);
  }

  const verdicts = judge(rows).filter(({ verdict }) => verdict !== 'not measured' || !filtered());
  if (verdicts.length > 0) console.log(goalTable(verdicts));
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify({ ...about, quick: options.quick, rows, goals: verdicts }, undefined, 1)}\n`,
    );
  }
  if (options.check) check(verdicts);
}

function check(verdicts) {
  const faults = verdicts.filter(({ verdict }) => verdict !== 'holds');
  for (const { goal, verdict, measured, limit, unit } of faults) {
    console.error(
      `${verdict}: ${goal}${measured === undefined ? '' : `: ${measured.toPrecision(3)} ${unit}, the limit is ${limit}`}`,
    );
  }
  if (faults.length > 0) process.exitCode = 1;
}

/** Returns whether the run succeeded: a row that could not be measured fails it, one that a filter left out does not. */
function filtered() {
  return options.case.length > 0 || options.contender.length > 0;
}

function selectCases() {
  return casesFor(options)
    .filter(({ name }) => passes(name, options.case))
    .map((benchCase) => ({
      ...benchCase,
      subjects: benchCase.subjects.filter(
        ({ contender }) => contender === null || passes(contender, options.contender),
      ),
    }))
    .filter(({ kind, subjects }) => subjects.length > 0 || (kind === 'core' && options.contender.length === 0));
}

function nodeVersion(node) {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}
