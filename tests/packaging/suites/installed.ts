/** The package, installed by npm into an empty project. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../../runtimes/processes.ts';
import { install, type Project } from '../../runtimes/project.ts';
import { holds } from '../matrix.ts';

const program = `
  const breaker = new CircuitBreaker({ name: 'packed', failureThreshold: 1 });
  const value = await breaker.execute(() => 'ran');
  await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
  const code = await breaker.execute(() => 'again').catch((error) => error.code);
  console.log([breaker.backend, value, breaker.state, code].join(' '));
`;

let project: Project;

before(async () => {
  project = await install({ addon: false });
});

after(() => project[Symbol.asyncDispose]());

async function runFile(name: string, content: string): Promise<string> {
  const output = await run([process.execPath, project.write(name, content)], { cwd: project.folder });
  return output.trim();
}

holds('node', 'import', async () => {
  const output = await runFile('run.mjs', `import { CircuitBreaker } from 'fusewire'; ${program}`);
  assert.equal(output, 'wasm ran OPEN ERR_CIRCUIT_OPEN');
  return 'wasm';
});

holds('node', 'require', async () => {
  const output = await runFile(
    'run.cjs',
    `const { CircuitBreaker } = require('fusewire'); (async () => { ${program} })();`,
  );
  assert.equal(output, 'wasm ran OPEN ERR_CIRCUIT_OPEN');
  return 'wasm';
});

test('node: import and require load one instance', async () => {
  const output = await runFile(
    'both.mjs',
    `import { createRequire } from 'node:module';
     import * as imported from 'fusewire';
     const required = createRequire(import.meta.url)('fusewire');
     console.log(imported.CircuitBreaker === required.CircuitBreaker, Object.keys(required).every((name) => name in imported));`,
  );
  assert.equal(output, 'true true');
});

test('fusewire has no dependency and no install script', () => {
  const manifest = readJson('node_modules/fusewire/package.json');
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), []);
  for (const script of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts?.[script], undefined);
  const { packages } = readJson('package-lock.json');
  assert.equal(packages['node_modules/fusewire'].hasInstallScript, undefined);
});

test('fusewire without the addon rejects process scope, and lists each path that it tried', async () => {
  const output = await runFile(
    'scope.mjs',
    `import { CircuitBreaker } from 'fusewire';
     try { new CircuitBreaker({ name: 'shared', scope: 'process' }); console.log('made'); }
     catch (error) { console.log(error.code, error.attempts.length > 0, error.attempts.every(({ reason }) => reason.length > 0)); }`,
  );
  assert.equal(output, 'ERR_ENGINE_LOAD true true');
});

function readJson(file: string) {
  return JSON.parse(readFileSync(path.join(project.folder, file), 'utf8'));
}
