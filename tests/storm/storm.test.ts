/** Runs a short storm, and checks that it detects planted errors. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

function storm(...args: string[]): Promise<{ status: unknown; output: string }> {
  return new Promise((resolve) => {
    const command = ['--expose-gc', program, ...args];
    execFile(process.execPath, command, { timeout: 900_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, output: `${stdout}${stderr}` });
    });
  });
}

test('all policies together survive faults of every kind, and everything adds up', async (context) => {
  const { status, output } = await storm('--seconds', '20', '--seed', '7');
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

// A storm mostly waits.
describe('the storm detects a planted error:', { concurrency: 2 }, () => {
  for (const [plant, message] of PLANTS) {
    test(plant, async () => {
      const { status, output } = await storm('--seconds', '1', '--plant', plant);
      assert.equal(status, 1, output);
      assert.match(output, message);
    });
  }
});

test('the storm rejects invalid arguments, and lists the accepted values', async () => {
  const { status, output } = await storm('--seconds', 'many');
  assert.equal(status, 2);
  assert.match(output, /--seconds must be a whole number from 1 to 7200, got 'many'/);
  assert.match((await storm('--plant', 'tree')).output, /--plant must be none or leak or .*, got 'tree'/);
});
