/** Runs one suite in every runtime, over the packed package. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { caseCount } from './bundle.ts';
import { runInChromium } from './hosts/chromium.ts';
import { runInEdge } from './hosts/edge.ts';
import { prepareFolder, runInFolder } from './hosts/folder.ts';
import { askWorkerd, runInWorkerd } from './hosts/workerd.ts';
import { checks } from './inside/checks.ts';
import type { Report } from './inside/suite.ts';
import { matrix } from './matrix.ts';
import { run } from './processes.ts';
import { nodeProgram, platformProgram } from './programs.ts';
import type { Project } from './project.ts';

const checkCount = Object.keys(checks).length;
const reports: Report[] = [];
let project: Project;

before(async () => {
  project = await prepareFolder({ addon: true });
});

after(async () => {
  await project[Symbol.asyncDispose]();
  console.log(`\n${matrix(reports)}\n`);
});

function passesSuite(runtime: RegExp, backend: string, run: () => Promise<Report>): void {
  test(backend, async () => {
    const report = await run();
    reports.push(report);
    assert.match(report.runtime, runtime);
    assert.deepEqual(
      { ...report, runtime: '' },
      { runtime: '', backend, checks: checkCount, vectors: caseCount, failures: [] },
    );
  });
}

/** Major versions of Node: those installed as packages, and the running one. */
const majors = new Set([20, 22, Number.parseInt(process.versions.node, 10), 26]);

for (const major of majors) {
  describe(`Node ${major}`, () => {
    for (const backend of ['wasm', 'native']) {
      passesSuite(new RegExp(`^Node ${major}\\.`), backend, () => runInFolder(project, [nodeProgram(major)], backend));
    }
  });
}

describe('Deno', () => {
  const command = () => [platformProgram('deno', 'deno'), 'run', '--allow-all', '--no-prompt', '--no-remote'];
  for (const backend of ['wasm', 'native']) {
    passesSuite(/^Deno /, backend, () => runInFolder(project, command(), backend));
  }
});

describe('Deno without permissions', () => {
  /** Prints the lines that a program logs. The program may read nothing but its own modules. */
  const linesOf = async (program: string): Promise<string[]> => {
    const command = [platformProgram('deno', 'deno'), 'run', '--no-prompt', '--no-remote'];
    const output = await run([...command, project.write('denied.mjs', program)], {
      cwd: project.folder,
      env: { DENO_DIR: path.join(project.folder, '.deno'), DENO_NO_UPDATE_CHECK: '1' },
    });
    return output.trim().split('\n');
  };

  test('runs a breaker and a policy', async () => {
    const program = `import { CircuitBreaker, bulkhead } from 'fusewire';
      const limited = bulkhead({ limit: 1 });
      console.log(await new CircuitBreaker().execute(() => limited.execute(() => 'done')));`;
    assert.deepEqual(await linesOf(program), ['done']);
  });

  test('throws EngineLoadError, with the reason of each attempt, where the addon is denied', async () => {
    const program = `import { CircuitBreaker } from 'fusewire';
      try {
        new CircuitBreaker({ backend: 'native' });
      } catch (error) {
        console.log(error.name);
        for (const { path, reason } of error.attempts) console.log(path.replace(/.*(?=@)|-.*/gs, ''), reason);
      }`;
    const [name, ...attempts] = await linesOf(program);
    assert.equal(name, 'EngineLoadError');
    assert.ok(attempts.length > 0);
    for (const attempt of attempts)
      assert.match(attempt, /^@fusewire\/native (Requires ffi access|Cannot find module)/);
  });
});

describe('Bun', () => {
  const command = () => [platformProgram('bun', 'bin/bun'), 'run', '--no-install'];
  for (const backend of ['wasm', 'native']) {
    passesSuite(/^Bun /, backend, () => runInFolder(project, command(), backend));
  }
});

describe('workerd', () => {
  passesSuite(/^workerd /, 'wasm', () => runInWorkerd(project));

  test('times a call out after the timers of earlier requests have ended with them', async () => {
    assert.deepEqual(await askWorkerd(project, '/call', '/hang', '/hang'), [
      { status: 'success', value: 1, source: 'call' },
      'CallTimeoutError: Circuit breaker unnamed timeout after 50ms',
      'CallTimeoutError: Circuit breaker unnamed timeout after 50ms',
    ]);
  });
});

describe('workerd, across requests', () => {
  test('starts a call that is queued in a bulkhead when the call of another request ends', async () => {
    const answers = await askWorkerd(project, ['/hold', '/queue', '/queue', '/queue']);
    assert.deepEqual(answers, [['held', 'done', 'done', 'BulkheadFullError']]);
  });

  test('starts the calls that a rate limit delays after the request that waited first has ended', async () => {
    assert.deepEqual(await askWorkerd(project, ['/rate', '/rate', '/rate', '/rate']), [[1, 2, 3, 4]]);
  });

  test('answers calls that wait for the result of a call of another request', async () => {
    assert.deepEqual(await askWorkerd(project, ['/cached', '/cached', '/cached'], '/cached'), [[1, 1, 1], 1]);
  });
});

describe('Vercel edge runtime', () => passesSuite(/^edge-runtime /, 'wasm', () => runInEdge(project)));
describe('Chromium', () => passesSuite(/^Chromium /, 'wasm', () => runInChromium(project)));
