import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import fc from 'fast-check';
import { CircuitBreaker } from '@fusewire/opossum';
import { program, run } from './program.ts';
import type { BreakerClass, Trace } from './program.ts';

const Opossum = createRequire(import.meta.url)('opossum') as BreakerClass;

/** Seed of the programs. */
const SEED = Number(process.env['FUSEWIRE_SEED'] ?? 20_260_701);
/** Number of programs. */
const RUNS = Number(process.env['FUSEWIRE_RUNS'] ?? 200);

it('CircuitBreaker emits and returns the same as that of opossum in random programs', async (test) => {
  test.diagnostic(`FUSEWIRE_SEED=${SEED}`);
  await fc.assert(
    fc.asyncProperty(program, async (random) => {
      const theirs = await run(Opossum, random);
      const ours = await run(CircuitBreaker as unknown as BreakerClass, random);
      const until = theirs.firstLate;
      // Calls that end in the same millisecond may emit their events in another order.
      const ordered = !random.concurrent && random.health === undefined;
      const compared = ({ seen }: Trace) => seen.slice(0, until).map((once) => (ordered ? once : once.sort()));
      assert.deepEqual(compared(ours), compared(theirs));
    }),
    { numRuns: RUNS, seed: SEED },
  );
});
