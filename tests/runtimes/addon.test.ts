/** The native addon as a platform package beside fusewire: installed, missing, of another version, broken. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BackendAttempt } from 'fusewire';
import { caseCount } from './bundle.ts';
import { prepareFolder, runInFolder } from './hosts/folder.ts';
import { checks } from './inside/checks.ts';
import { run } from './processes.ts';
import { install, makeProject, npmInstall, packages, type Project } from './project.ts';

const platforms = JSON.parse(readFileSync(new URL('../../bindings/node/platforms.json', import.meta.url), 'utf8'));

/** Creates a breaker that all threads share. Prints its backend, or the attempts to load the addon. */
const program = `
  import { CircuitBreaker } from 'fusewire';
  try {
    console.log(JSON.stringify({ backend: new CircuitBreaker({ name: 'shared', scope: 'process' }).backend }));
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, attempts: error.attempts, message: error.message }));
  }`;

interface Report {
  readonly backend?: string;
  readonly code?: string;
  readonly attempts?: readonly BackendAttempt[];
  readonly message?: string;
}

async function reportOf(project: Project): Promise<Report> {
  return JSON.parse(await run([process.execPath, project.write('report.mjs', program)], { cwd: project.folder }));
}

/** Returns the attempts to load the addon, after checking that the message lists each of them. */
function attemptsOf(report: Report): readonly BackendAttempt[] {
  assert.equal(report.code, 'ERR_ENGINE_LOAD');
  for (const { path, reason } of report.attempts ?? []) assert.ok(report.message?.includes(`\n  ${path}: ${reason}`));
  return report.attempts ?? [];
}

describe('fusewire with its platform package', () => {
  let project: Project;
  let name: string;
  let folder: string;

  before(async () => {
    project = await install({ addon: true });
    const scope = path.join(project.folder, 'node_modules/@fusewire');
    name = `@fusewire/${readdirSync(scope)[0]}`;
    folder = path.join(project.folder, 'node_modules', name);
  });
  after(() => project[Symbol.asyncDispose]());

  test('shares breakers over the process', async () => {
    assert.deepEqual(await reportOf(project), { backend: 'native' });
  });

  test('depends on the package of each platform, in its own version', () => {
    const { version, optionalDependencies } = readJson(path.join(project.folder, 'node_modules/fusewire/package.json'));
    const names = platforms.map((platform: { name: string }) => `@fusewire/native-${platform.name}`);
    assert.deepEqual(optionalDependencies, Object.fromEntries(names.map((each: string) => [each, version])));
    assert.equal(readJson(path.join(folder, 'package.json')).version, version);
  });

  test('is not installed on another system, processor or C library', async () => {
    const tarball = `file:${path.join(packages, `${name.replace('@fusewire/', '')}.tgz`)}`;
    const { libc } = readJson(path.join(folder, 'package.json'));
    for (const other of ['--os=aix', '--cpu=s390x', ...(libc ? ['--libc=other'] : [])]) {
      await using elsewhere = makeProject({ optionalDependencies: { [name]: tarball } });
      await npmInstall(elsewhere, other);
      assert.equal(existsSync(path.join(elsewhere.folder, 'node_modules', name)), false, other);
    }
    await using here = makeProject({ optionalDependencies: { [name]: tarball } });
    await npmInstall(here);
    assert.ok(existsSync(path.join(here.folder, 'node_modules', name)));
  });

  test('rejects an addon of another version, with both versions in the message', async () => {
    const { main, version } = readJson(path.join(folder, 'package.json'));
    const manifest = path.join(folder, 'package.json');
    const original = readFileSync(manifest);
    const other = path.join(folder, 'other.js');
    writeFileSync(other, `module.exports = { ...require('./kept.node'), version: () => '0.0.1' };`);
    writeFileSync(manifest, JSON.stringify({ ...readJson(manifest), version: '0.0.1', main: 'other.js' }));
    renameSync(path.join(folder, main), path.join(folder, 'kept.node'));
    const report = await reportOf(project);
    renameSync(path.join(folder, 'kept.node'), path.join(folder, main));
    writeFileSync(manifest, original);
    const [attempt] = attemptsOf(report);
    assert.deepEqual(attempt, { path: other, reason: `its version is 0.0.1, but this package needs ${version}` });
  });

  test('reports a file that is not an addon', async () => {
    const file = path.join(folder, readJson(path.join(folder, 'package.json')).main);
    copyFileSync(file, `${file}.kept`);
    writeFileSync(file, 'This was to be a program.');
    const report = await reportOf(project);
    copyFileSync(`${file}.kept`, file);
    const [attempt] = attemptsOf(report);
    assert.equal(attempt?.path, file);
    assert.ok(attempt.reason.includes(path.basename(file)), attempt.reason);
  });
});

describe('fusewire alone', () => {
  let project: Project;

  before(async () => {
    project = await prepareFolder({ addon: false });
  });
  after(() => project[Symbol.asyncDispose]());

  test('does everything but share breakers over the process', async () => {
    assert.equal(existsSync(path.join(project.folder, 'node_modules/@fusewire')), false);
    const { checks: passed, vectors, failures } = await runInFolder(project, [process.execPath], 'wasm');
    assert.deepEqual([passed, vectors, failures], [Object.keys(checks).length, caseCount, []]);
  });

  test('lists every package that it looked for', async () => {
    const attempts = attemptsOf(await reportOf(project));
    const here = platforms.filter(
      ({ os, cpu }: { os: string; cpu: string }) => os === process.platform && cpu === process.arch,
    );
    const files = ['node_modules/fusewire/dist/platforms/node.cjs', 'report.mjs'].map((file) =>
      path.join(project.folder, file),
    );
    assert.deepEqual(
      attempts,
      here.map(({ name }: { name: string }) => ({
        path: `@fusewire/native-${name}`,
        reason: `Cannot find module '@fusewire/native-${name}' from ${files.join(', ')}`,
      })),
    );
  });
});

function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
