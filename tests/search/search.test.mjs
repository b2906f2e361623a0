// Every batch that once failed, and the command line of the search.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runBatch } from './batch.mjs';
import { readCorpus } from './corpus.mjs';
import { Search } from './search.mjs';
import { targetNamed, targets } from './targets.mjs';

for (const { target, seed } of readCorpus()) {
  test(`passes the batch of ${target} with seed ${seed}, which failed once`, async () => {
    const { passed, output } = await runBatch(targetNamed(target).batch(seed));
    assert.ok(passed, output);
  });
}

test('gives the same command for the same seed, and another one for another', () => {
  for (const { batch } of targets) {
    if (batch === undefined) continue;
    assert.deepEqual(batch(7), batch(7));
    assert.notDeepEqual(batch(7), batch(8));
  }
});

test('reports a batch that fails, with what it printed', async () => {
  const command = [process.execPath, '--eval', 'console.log(process.env.SEED); process.exit(3)'];
  assert.deepEqual(await runBatch({ command, env: { SEED: '11' } }), { passed: false, output: '11\n' });
});

test('keeps each batch that fails, goes on, and ends with status 1', async () => {
  const target = (name, status) => ({
    name,
    batch: (seed) => ({
      command: [process.execPath, '--eval', `process.exit(${status})`],
      env: { SEED: String(seed) },
    }),
  });
  const kept = [];
  const search = new Search({
    minutes: 0.02,
    seed: 2 ** 31 - 1,
    targets: [target('good', 0), target('bad', 1)],
    keep: (name, seed) => kept.push([name, seed]),
  });
  await search.run();
  assert.equal(search.report(), 1);
  assert.ok(kept.length > 0);
  for (const [name, seed] of kept) assert.deepEqual([name, Number.isInteger(seed)], ['bad', true]);
});

test('refuses arguments out of range, with the range', () => {
  for (const [args, message] of [
    [['--minutes', '0'], "--minutes must be a whole number from 1 to 10080, got '0'"],
    [['--seed', '-1'], "--seed must be a whole number from 0 to 2147483647, got '-1'"],
    [
      ['--target', 'moon'],
      "--target must be one of model, policies, engines, opossum, queues, consumers, storm, fuzz, got 'moon'",
    ],
  ]) {
    const [option, value] = args;
    const { status, stderr } = spawnSync(process.execPath, [main, `${option}=${value}`], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.ok(stderr.startsWith(message), stderr);
  }
});

const main = fileURLToPath(new URL('main.mjs', import.meta.url));
