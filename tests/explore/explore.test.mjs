// Small breakers, explored one operation less deep than `npm run explore` goes, and the bugs that it has to find.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

function explore(...args) {
  const command = ['run', '--quiet', '--locked', '--package', 'explore', '--', ...args];
  const { status, stdout, stderr } = spawnSync('cargo', command, { cwd: import.meta.dirname, encoding: 'utf8' });
  console.log(stdout, stderr);
  return status;
}

test('whatever happens, every invariant holds', () => {
  assert.equal(explore('--less', '1'), 0);
});

test('every bug that is planted is caught, by the invariants that are to catch it', () => {
  assert.equal(explore('--bugs'), 0);
});
