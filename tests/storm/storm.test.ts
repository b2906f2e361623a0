/** Runs a short storm, and checks that it detects planted errors. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

function storm(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, ...args], {
    encoding: 'utf8',
    timeout: 900_000,
  });
  return { status, output: `${stdout}${stderr}` };
}

test('all policies together survive faults of every kind, and everything adds up', (context) => {
  const { status, output } = storm('--seconds', '20', '--seed', '7');
  for (const line of output.trim().split('\n')) context.diagnostic(line);
  assert.equal(status, 0, output);
});

const PLANTS: readonly (readonly [plant: string, message: RegExp])[] = [
  ['leak', /✗ the heap grew by \d+\.\d\d MiB/],
  ['miscount', /✗ memory, list, wasm: calls = answers \+ failures: \d+, not \d+/],
  ['rejection', /✗ unhandled rejection: Error: planted/],
  ['timer', /✗ still active: Timeout/],
  ['hang', /✗ a round has not ended: memory, list, wasm: \d+ calls/],
];

for (const [plant, message] of PLANTS) {
  test(`the storm detects a planted error: ${plant}`, () => {
    const { status, output } = storm('--seconds', '10', '--plant', plant);
    assert.equal(status, 1, output);
    assert.match(output, message);
  });
}

test('the storm rejects invalid arguments, and lists the accepted values', () => {
  const { status, output } = storm('--seconds', 'many');
  assert.equal(status, 2);
  assert.match(output, /--seconds must be a whole number from 10 to 7200, got 'many'/);
  assert.match(storm('--plant', 'tree').output, /--plant must be none or leak or .*, got 'tree'/);
});
