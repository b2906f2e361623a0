#!/usr/bin/env node
// Set-up: installs the tools that the repository needs and builds what is out of date. Prints nothing if all is up to date.
//
//   node .ci/setup.mjs [--for packages|demo|docs|test|mutants|examples/<name>] [-- command arguments…]
//
// --for packages  Node and the npm packages
// --for demo      the above, and the engine as WebAssembly and as a native addon, and the npm packages built (default)
// --for docs      the above, and the npm packages of the documentation
// --for test      like demo, and the tools of the tests
// --for mutants   like demo, and the tools of the mutation tests
// --for examples/<name>   our packages as published, and the npm packages of the example
//
// A command after `--` then runs. Its search path begins with the right Node and the programs of the npm packages.

import process from 'node:process';
import { environment, exec, interruptible, StepFailure } from './lib/processes.mjs';
import { bringUp } from './lib/plan.mjs';
import { nodeFolder, steps, targets } from './lib/steps.mjs';

const OLDEST_NODE = 20;

async function main() {
  const { purpose, command } = parse(process.argv.slice(2));
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new StepFailure(`Node ${OLDEST_NODE} or newer is needed to begin with; this is ${process.version}.`);
  }
  interruptible();
  await bringUp(steps(), targets(purpose));
  if (command.length > 0) {
    process.exitCode = await exec(command, environment(nodeFolder()));
  }
}

function parse(args) {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const command = end < 0 ? [] : args.slice(end + 1);
  if (own.length === 0) return { purpose: 'demo', command };
  if (own.length === 2 && own[0] === '--for' && targets(own[1])) return { purpose: own[1], command };
  throw new StepFailure(
    'usage: node .ci/setup.mjs [--for packages|demo|docs|test|mutants|examples/<name>] [-- command arguments…]',
  );
}

main().catch((error) => {
  console.error(error instanceof StepFailure ? error.message : error);
  process.exitCode = 1;
});
