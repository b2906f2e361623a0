import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainBeside } from '../../runs/run-main.ts';

const run = mainBeside(import.meta.url);

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
