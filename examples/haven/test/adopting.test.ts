/** The patch for an existing code base, on the code that the document prints; the scenario; and the check at the start. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readConfiguration } from '../src/configuration.js';
import { runScenario } from '../scenario/scenario.js';

const folder = path.join(import.meta.dirname, '..');

test('the patch changes at most 30 lines of the printed code, which then has every endpoint', async (t) => {
  const patch = path.join(folder, 'adopting/adopting.patch');
  const changed = readFileSync(patch, 'utf8').match(/^[+-](?!\+\+ |-- )/gm) ?? [];
  assert.ok(changed.length <= 30, `${changed.length} lines`);
  const target = path.join(folder, '.work/adopted');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync(path.join(folder, 'adopting/mpesa.txt'), path.join(target, 'mpesa.js'));
  execFileSync('git', ['apply', '--unsafe-paths', patch], { cwd: target });
  const run = path.join(folder, 'adopting/run.js');
  cpSync(run, path.join(target, 'run.js'));
  t.after(() => rmSync(target, { recursive: true }));
  const output = execFileSync(process.execPath, ['run.js'], { cwd: target, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(output), {
    token: 'token',
    errors: 3,
    refused: 503,
    state: 'OPEN',
    unknown: 404,
    stranger: 403,
  });
});

test('the scenario passes every check', async () => {
  const lines: string[] = [];
  assert.ok(await runScenario((line: string) => lines.push(line)), lines.join('\n'));
});

test('a missing or invalid variable stops the start with every problem, and without a secret', () => {
  assert.throws(
    () => readConfiguration({ MPESA_URL: 'nowhere', ADMIN_TOKEN: 'short' }),
    (error: Error) => {
      for (const name of ['MPESA_URL', 'SMS_API_KEY', 'SMTP_URL', 'ADMIN_TOKEN'])
        assert.ok(error.message.includes(name), name);
      assert.ok(!error.message.includes('short"'));
      return true;
    },
  );
});
