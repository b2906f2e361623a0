import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainBeside } from './run-main.ts';

const run = mainBeside(import.meta.url);

test('every order of events in small programs leaves the invariants of a call true', (context) => {
  const { status, output } = run();
  context.diagnostic(output.trim());
  assert.equal(status, 0, output);
});

test('the exploration finds every planted bug', (context) => {
  const { status, output } = run('--bugs');
  context.diagnostic(output.trim().split('\n').at(-1) ?? '');
  assert.equal(status, 0, output);
});

test('the exploration rejects an unknown program', () => {
  const { status, output } = run('--program', 'nothing');
  assert.equal(status, 1);
  assert.match(output, /there is no such program/);
});
