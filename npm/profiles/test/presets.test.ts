import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { presets } from '@fusewire/profiles';

it('presets are for four common kinds of dependencies', () => {
  assert.deepEqual(Object.keys(presets), ['http', 'database', 'payment', 'internal']);
});

it('presets are such that the doctor finds nothing', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presets-'));
  const file = path.join(folder, 'presets.json');
  const doctor = path.join(createRequire(import.meta.url).resolve('fusewire/package.json'), '../dist/cli.cjs');
  try {
    writeFileSync(file, JSON.stringify({ breakers: presets }));
    const { stdout, stderr } = spawnSync(process.execPath, [doctor, 'doctor', file], { encoding: 'utf8' });
    assert.deepEqual({ stdout, stderr }, { stdout: '4 breakers, 0 pipelines: nothing found\n', stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [name, options] of Object.entries(presets)) {
  it(`${name} configures a breaker that opens, probes after its open time, and closes`, async () => {
    let now = 0;
    const breaker = new CircuitBreaker({ ...options, name, clock: () => now });
    for (let failure = 1; failure <= options.consecutiveFailureThreshold; failure++) {
      assert.equal(breaker.state, 'CLOSED');
      await assert.rejects(
        breaker.execute(() => Promise.reject(new Error('down'))),
        { message: 'down' },
      );
    }
    assert.equal(breaker.state, 'OPEN');
    now += options.resetTimeout.initial;
    assert.equal(breaker.state, 'HALF_OPEN');
    while (breaker.state === 'HALF_OPEN') await breaker.execute(() => Promise.resolve());
    assert.equal(breaker.state, 'CLOSED');
  });
}
