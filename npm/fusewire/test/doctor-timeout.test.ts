import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-doctor-'));
after(() => rmSync(folder, { recursive: true }));

function doctor(...words: readonly string[]) {
  return spawnSync(process.execPath, [program, 'doctor', ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
  });
}

describe('doctor --timeout', () => {
  it('ends the wait for a module whose top-level await never settles', () => {
    writeFileSync(path.join(folder, 'waits.mjs'), 'setInterval(() => {}, 1_000); await new Promise(() => {});');
    const { status, stderr } = doctor('--timeout', '100', 'waits.mjs');
    assert.match(stderr, /waits\.mjs cannot be loaded: .* awaits a promise at its top level after 100 ms/);
    assert.equal(status, 2);
  });

  it('does not delay the report on a module that loads', () => {
    writeFileSync(path.join(folder, 'loads.json'), JSON.stringify({ breakers: { mpesa: { failureThreshold: 3 } } }));
    const { status, stdout } = doctor('--timeout', '2147483647', 'loads.json');
    assert.match(stdout, /1 breaker, 0 pipelines/);
    assert.equal(status, 0);
  });

  for (const value of ['0', '-1', '1.5', 'soon', '2147483648']) {
    it(`rejects ${value}`, () => {
      const { status, stderr } = doctor(`--timeout=${value}`, 'loads.json');
      assert.match(stderr, /--timeout must be a whole number of milliseconds from 1 to 2147483647, got/);
      assert.equal(status, 2);
    });
  }
});
