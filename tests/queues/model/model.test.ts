import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainBeside } from '../../runs/run-main.ts';

const run = mainBeside(import.meta.url);

test('the stores in memory and SQLite do as the reference model in every small program', (context) => {
  const { status, output } = run();
  context.diagnostic(output.trim());
  assert.equal(status, 0, output);
});

test('the exploration of the stores finds every planted bug', (context) => {
  const { status, output } = run('--bugs');
  context.diagnostic(output.trim().split('\n').at(-1) ?? '');
  assert.equal(status, 0, output);
});

test('the exploration of the stores rejects an unknown store', () => {
  const { status, output } = run('--store', 'nothing');
  assert.equal(status, 1);
  assert.match(output, /there is no such store/);
});
