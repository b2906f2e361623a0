/** The everyday tasks of the page *How do I …*: every library's solution does its task, and ours is no longer than the ideal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIBRARIES, linesBesideTheCall, solutionOf, sourceOf, taskFolders } from './solutions.ts';
import type { Task } from './task.ts';

for (const folder of taskFolders()) {
  const { task } = (await import(`./${folder}/task.ts`)) as { task: Task<object> };
  describe(task.title, () => {
    for (const library of LIBRARIES) {
      const solution = solutionOf(folder, library);
      if (solution === undefined) continue;
      test(`the solution with ${library} does it`, async (t) => {
        await task.check(t, (await import(solution.href)) as object, solution.href);
      });
    }

    test('the solution with fusewire is as short as it can be', () => {
      const lines = linesBesideTheCall(sourceOf(solutionOf(folder, 'fusewire') as URL));
      assert.ok(lines <= task.ideal, `${lines} lines, ${task.ideal} at most`);
    });
  });
}
