/** The package as users get it: packed, and installed into an empty project. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../npm/fusewire/', import.meta.url));
const program = `
  const breaker = new CircuitBreaker({ name: 'packed', failureThreshold: 1 });
  const value = await breaker.execute(() => 'ran');
  await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
  const code = await breaker.execute(() => 'again').catch((error) => error.code);
  console.log([breaker.backend, value, breaker.state, code].join(' '));
`;

let project: string;

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function runFile(name: string, content: string): string {
  writeFileSync(path.join(project, name), content);
  return run(process.execPath, name);
}

before(() => {
  project = mkdtempSync(path.join(tmpdir(), 'fusewire-packed-'));
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', project], { cwd: source, encoding: 'utf8' }),
  ) as [{ filename: string }];
  writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${packed.filename}`);
});

after(() => rmSync(project, { recursive: true, force: true }));

describe('the packed package', () => {
  test('runs by import', () => {
    const output = runFile('run.mjs', `import { CircuitBreaker } from 'fusewire'; ${program}`);
    assert.equal(output, 'wasm ran OPEN ECIRCUITOPEN');
  });

  test('runs by require', () => {
    const output = runFile(
      'run.cjs',
      `const { CircuitBreaker } = require('fusewire'); (async () => { ${program} })();`,
    );
    assert.equal(output, 'wasm ran OPEN ECIRCUITOPEN');
  });

  test('is one instance, however it is loaded', () => {
    const output = runFile(
      'both.mjs',
      `import { createRequire } from 'node:module';
       import * as imported from 'fusewire';
       const required = createRequire(import.meta.url)('fusewire');
       console.log(imported.CircuitBreaker === required.CircuitBreaker, Object.keys(required).every((name) => name in imported));`,
    );
    assert.equal(output, 'true true');
  });

  test('has no dependency and no install script', () => {
    const manifest = JSON.parse(readFileSync(path.join(project, 'node_modules/fusewire/package.json'), 'utf8'));
    assert.deepEqual(Object.keys(manifest.dependencies ?? {}), []);
    for (const script of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts?.[script], undefined);
    assert.equal(
      JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8')).packages['node_modules/fusewire']
        .hasInstallScript,
      undefined,
    );
  });

  test('without the addon, process scope is refused with each path that was tried', () => {
    const output = runFile(
      'scope.mjs',
      `import { CircuitBreaker } from 'fusewire';
       try { new CircuitBreaker({ name: 'shared', scope: 'process' }); console.log('made'); }
       catch (error) { console.log(error.code, error.attempts.length > 0, error.attempts.every(({ reason }) => reason.length > 0)); }`,
    );
    assert.equal(output, 'EBREAKERBACKEND true true');
  });
});
