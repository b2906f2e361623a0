/** Checks the TypeScript layer: each call settles once, by the first event that ended it, and is counted once. */
import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import process from 'node:process';
import fc from 'fast-check';
import { callPrograms } from './calls.ts';
import { keepLedger } from './ledger.ts';
import { seedOf } from './seed.ts';

/** Share of the engines' operations. A call takes turns of the event loop, so there are fewer of them. */
const SHARE = 0.05;
const PROGRAMS_AT_A_TIME = 200;
const wanted = Number(process.env['FUSEWIRE_OPERATIONS'] ?? 1_000_000) * SHARE;

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);

before(() => {
  process.on('unhandledRejection', onUnhandled);
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
});
after(() => {
  mock.timers.reset();
  process.off('unhandledRejection', onUnhandled);
});

test('every call ends once, as it should, and the totals add up', async (context) => {
  let made = 0;
  const balances = async (program: Parameters<typeof keepLedger>[0]) => {
    made += await keepLedger(program);
    assert.deepEqual(unhandled, []);
  };
  for (let batch = 0; made < wanted; batch += 1) {
    const seed = seedOf(batch);
    await fc.assert(fc.asyncProperty(callPrograms, balances), { numRuns: PROGRAMS_AT_A_TIME, seed });
  }
  context.diagnostic(`${made} operations, every ledger balances`);
});
