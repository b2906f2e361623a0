/** Test runners: a user's tests pass in each, and its fake timers drive recovery and timeouts without set-up. */
import assert from 'node:assert/strict';
import { holds, passed } from '../matrix.ts';
import { Project, program } from '../project.ts';

holds('vitest', 'tests, fake timers', async () => {
  using project = new Project('vitest');
  await project.tool('vitest', 'run', '--reporter=json', '--outputFile=results.json');
  return passed(3, project.read('results.json'));
});

holds('jest', 'tests in CommonJS, fake timers', async () => {
  using project = new Project('jest');
  await project.tool('jest', '--json', '--outputFile=results.json');
  return passed(2, project.read('results.json'));
});

holds('jest', 'tests in ES modules, fake timers', async () => {
  using project = new Project('jest-esm');
  await project.node('--experimental-vm-modules', program('jest'), '--json', '--outputFile=results.json');
  return passed(3, project.read('results.json'));
});

holds('jest', 'the conditions and globals of jsdom', async () => {
  using project = new Project('jest-browser').add('axios').add('profiles').add('testing');
  await project.tool('jest', '--json', '--outputFile=results.json');
  return passed(6, project.read('results.json'));
});

holds('sinon', 'fake timers', async () => {
  using project = new Project('mocha');
  const { stats } = JSON.parse(await project.tool('mocha', '--reporter=json', 'breaker.spec.mjs'));
  assert.deepEqual([stats.passes, stats.tests], [2, 2]);
  return 'wasm';
});

holds('node', 'fake timers', async () => {
  using project = new Project('node-test');
  assert.match(await project.node('--test-reporter=spec', 'breaker.spec.mjs'), /^ℹ pass 2$/m);
  return 'wasm';
});
