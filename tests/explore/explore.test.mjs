// Small breakers, explored two operations less deep than `npm run explore` goes, and the planted bugs that it must find.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

function explore(...args) {
  const command = ['run', '--quiet', '--locked', '--package', 'explore', '--', ...args];
  const { status, stdout, stderr } = spawnSync('cargo', command, { cwd: import.meta.dirname, encoding: 'utf8' });
  console.log(stdout, stderr);
  return status;
}

test('holds every invariant on every path', () => {
  assert.equal(explore('--less', '2'), 0);
});

test('catches every planted bug by the expected invariants', () => {
  assert.equal(explore('--bugs'), 0);
});
