import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

function run(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', program, ...args], {
    encoding: 'utf8',
    timeout: 900_000,
  });
  return { status, output: `${stdout}${stderr}` };
}

test('consumers over stores that fail do everything, and nothing without a lease, in every simulation', (context) => {
  const { status, output } = run('--runs', '1000');
  context.diagnostic(output.trim());
  assert.equal(status, 0, output);
});

test('the simulation of consumers finds every planted bug', (context) => {
  const { status, output } = run('--bugs', '--runs', '1500');
  context.diagnostic(output.trim().split('\n').at(-1) ?? '');
  assert.equal(status, 0, output);
});
