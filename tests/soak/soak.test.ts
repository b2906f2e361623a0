/** Runs a tenth of the soak test, and checks that it detects a planted leak. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

function soak(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, ...args], {
    encoding: 'utf8',
    timeout: 1_800_000,
  });
  return { status, output: `${stdout}${stderr}` };
}

for (const backend of ['wasm', 'native']) {
  test(`a million calls over ${backend} leave no memory, timer or breaker`, (context) => {
    const { status, output } = soak('--calls', '1000000', '--backend', backend);
    for (const line of output.trim().split('\n')) context.diagnostic(line);
    assert.equal(status, 0, output);
  });
}

test('the soak test detects a planted leak', () => {
  const { status, output } = soak('--calls', '500000', '--backend', 'wasm', '--leak');
  assert.equal(status, 1, output);
  assert.match(output, /wasm: the heap grew by \d+ KiB/);
});

test('the soak test rejects invalid arguments, and lists the accepted values', () => {
  const { status, output } = soak('--calls', 'many');
  assert.equal(status, 2);
  assert.match(output, /--calls must be a whole number from 10000 to 1000000000, got 'many'/);
  assert.match(soak('--backend', 'jvm').output, /--backend must be wasm or native, got 'jvm'/);
});
