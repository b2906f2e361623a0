import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { killWriters } from './kills.ts';

const SEED = Number(process.env['FUSEWIRE_SEED'] ?? 20_261_201);

test('an event log loses nothing that it has acknowledged over 20 kills', async (context) => {
  const { lost, ...report } = await killWriters(20, SEED);
  context.diagnostic(`FUSEWIRE_SEED=${SEED} ${JSON.stringify(report)}`);
  assert.deepEqual(lost, []);
  assert.deepEqual([report.repeated, report.segments], [0, 0]);
  assert.ok(report.acknowledged > 500);
});
