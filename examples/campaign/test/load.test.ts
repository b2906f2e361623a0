/** A small form of `npm run campaign:load`: the same outages, and no figure that depends on the machine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLoad } from '../load/load.ts';

test('campaigns in outages of the database, n8n and the services are all done, and nothing twice', async () => {
  const lines: string[] = [];
  const figures = await runLoad({ campaigns: 40, print: (line) => lines.push(line) });
  const said = lines.join('\n');
  assert.ok(figures.submitted >= 200, said);
  assert.equal(figures.doneAtOnce + figures.queuedAndDone, figures.submitted, said);
  assert.deepEqual([figures.lost, figures.twice, figures.falseOpenings], [0, 0, []], said);
  assert.equal(figures.lostCommits, 1);
  assert.ok(figures.openings >= 7, said);
  assert.equal(Object.keys(figures.recovery).length, 7);
});
