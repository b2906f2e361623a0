import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import fc from 'fast-check';
import { CircuitBreaker } from '@fusewire/opossum';
import { program, run } from './program.ts';
import type { BreakerClass, Trace } from './program.ts';

const Opossum = createRequire(import.meta.url)('opossum') as BreakerClass;

// Calls that end in the same millisecond may be told of in another order.
it('does what opossum does, event by event', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (given) => {
      const theirs = await run(Opossum, given);
      const ours = await run(CircuitBreaker as unknown as BreakerClass, given);
      const until = theirs.firstLate;
      const ordered = !given.concurrent && given.health === undefined;
      const compared = ({ seen }: Trace) => seen.slice(0, until).map((once) => (ordered ? once : once.sort()));
      assert.deepEqual(compared(ours), compared(theirs));
    }),
    { numRuns: Number(process.env['FUSEWIRE_RUNS'] ?? 200) },
  );
});
