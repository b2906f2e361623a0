/** Tests of nerdgraph against its document: its blocks, its test file unchanged, and its class beside the dialect. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

const here = import.meta.dirname;
const require = createRequire(import.meta.url);
const programOf = (name: string, file: string) =>
  path.join(path.dirname(require.resolve(`${name}/package.json`)), file);

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { fullName: string; status: string; failureMessages: string[] }[];
    readonly message: string;
  }[];
}

function run(program: string, ...args: string[]) {
  return spawnSync(process.execPath, [program, ...args], { cwd: here, encoding: 'utf8' });
}

test('the blocks of the document compile', () => {
  const { status, stdout } = run(programOf('typescript', 'bin/tsc'), '--project', 'nerdgraph');
  assert.equal(status, 0, stdout);
});

test('the blocks of the document run', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dialects-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const report = path.join(folder, 'report.json');
  const options = ['--config', 'nerdgraph/vitest.config.ts', '--reporter', 'json', '--outputFile', report];
  const { stderr } = run(programOf('vitest', 'vitest.mjs'), 'run', ...options);
  assert.ok(existsSync(report), stderr);
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  assert.deepEqual(testResults.map(({ name }) => path.basename(name)).sort(), [
    'blocks.vitest.ts',
    'circuit-breaker.vitest.ts',
    'differences.vitest.ts',
    'differential.vitest.ts',
  ]);
  for (const { name, message, assertionResults } of testResults) {
    await t.test(path.relative(here, name), async (file) => {
      assert.ok(assertionResults.length > 0, message);
      for (const { fullName, status, failureMessages } of assertionResults) {
        await file.test(fullName, () => assert.equal(status, 'passed', failureMessages.join('\n')));
      }
    });
  }
});
