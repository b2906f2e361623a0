/** Runs the specs by the project's own vitest, the document's own suite among them; the scenario; and the patch. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

const folder = path.join(import.meta.dirname, '..');
const fixtures = path.join(folder, '../../tests/dialects/fixtures/nerdgraph');
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** Imports of the printed code that the fixtures have replaced. */
const IMPORTS = [
  ['src/shared/utils/nerdgraph-client.ts', 'CircuitBreaker', 'circuit-breaker'],
  ['src/infrastructure/config/container.ts', 'CircuitBreakerFactory', 'circuit-breaker-factory'],
  ['src/infrastructure/config/container.ts', 'CircuitBreakerMonitor', 'circuit-breaker-monitor'],
] as const;

function specs(root: string): Report {
  const report = path.join(folder, '.work/report.json');
  rmSync(report, { force: true });
  const { stderr } = spawnSync(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.ok(existsSync(report), stderr);
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}

test('the specs pass in the vitest of the project', async (t) => {
  const { testResults } = specs(folder);
  assert.deepEqual(testResults.map(({ name }) => path.basename(name)).sort(), [
    'circuit-breaker.spec.ts',
    'platform.spec.ts',
  ]);
  for (const { name, message, assertionResults } of testResults) {
    await t.test(path.relative(folder, name), async (file) => {
      assert.ok(assertionResults.length > 0, message);
      for (const { fullName, status, failureMessages } of assertionResults) {
        await file.test(fullName, () => assert.equal(status, 'passed', failureMessages.join('\n')));
      }
    });
  }
});

test('the suite of the document is the printed one', () => {
  const file = 'test/infrastructure/resilience/circuit-breaker';
  const [ours, printed] = [path.join(folder, `${file}.spec.ts`), path.join(fixtures, `${file}.vitest.ts`)];
  assert.equal(readFileSync(ours, 'utf8'), readFileSync(printed, 'utf8'));
});

test('the scenario passes every check', async () => {
  execFileSync(process.execPath, [path.join(folder, 'build.mjs')]);
  const { runScenario } = (await import(path.join(folder, 'dist/scenario/scenario.js'))) as {
    runScenario(print: (line: string) => void): Promise<boolean>;
  };
  const lines: string[] = [];
  assert.ok(await runScenario((line) => lines.push(line)), lines.join('\n'));
});

test('the patch changes at most 30 lines of the printed code, whose suite then passes', () => {
  const patch = path.join(folder, 'adopting/adopting.patch');
  const changed = readFileSync(patch, 'utf8').match(/^[+-](?!\+\+ |-- )/gm) ?? [];
  assert.ok(changed.length > 0 && changed.length <= 30, `${changed.length} lines`);
  const target = path.join(folder, '.work/adopted');
  rmSync(target, { recursive: true, force: true });
  for (const name of ['src', 'test']) cpSync(path.join(fixtures, name), path.join(target, name), { recursive: true });
  // The document prints these modules, too; they are deleted. The fixtures import the dialect already.
  rmSync(path.join(target, 'src/infrastructure/resilience'), { recursive: true });
  for (const [file, name, module] of IMPORTS) {
    const source = readFileSync(path.join(target, file), 'utf8');
    const printed = source.replace(
      `{ ${name} } from '@fusewire/dialects/nerdgraph'`,
      `{ ${name} } from '@infrastructure/resilience/${module}'`,
    );
    assert.notEqual(printed, source, file);
    writeFileSync(path.join(target, file), printed);
  }
  cpSync(path.join(folder, 'adopting/project'), target, { recursive: true });
  execFileSync('git', ['apply', '--unsafe-paths', patch], { cwd: target });
  const { testResults } = specs(target);
  assert.equal(testResults.length, 2);
  for (const { name, message, assertionResults } of testResults) {
    assert.ok(assertionResults.length > 0, `${name}: ${message}`);
    for (const each of assertionResults) assert.equal(each.status, 'passed', each.failureMessages.join('\n'));
  }
});
