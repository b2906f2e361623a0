import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** Runs a program in development, with the exports of fusewire in scope. Returns its warnings, one a line. */
export function warningsOf(program: string): string {
  const start = `
    import * as fusewire from 'fusewire';
    process.on('warning', ({ name, message }) => { if (name === 'FusewireWarning') console.log(message); });
    const { CircuitBreaker, pipeline } = fusewire;`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', start + program],
    { encoding: 'utf8', cwd: import.meta.dirname, env: { ...process.env, NODE_ENV: 'development' } },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim();
}
