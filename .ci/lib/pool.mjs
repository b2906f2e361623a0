// Runs test runners side by side.

/** Runners at a time. Two keep two cores busy without starving tests that have deadlines. */
const AT_ONCE = 2;

/**
 * Runs every runner, in order, at most two at a time, and never two with the same `uses`. Resolves with the results in the
 * order of the runners, each with `name`, `passed`, `failed`, `seconds` and `note`.
 *
 * @param write takes the output: of a runner that runs alone as it comes, of others when they have ended.
 */
export async function runAll(runners, write) {
  const results = new Array(runners.length);
  const waiting = runners.map((_, index) => index);
  const busy = new Set();
  const running = new Set();
  const streams = runners.length === 1;

  const startWhatCan = () => {
    for (const index of [...waiting]) {
      const { uses } = runners[index];
      if (running.size >= AT_ONCE) return;
      if (uses !== undefined && busy.has(uses)) continue;
      waiting.splice(waiting.indexOf(index), 1);
      if (uses !== undefined) busy.add(uses);
      const ended = runOne(runners[index], write, streams).then((result) => {
        results[index] = result;
        running.delete(ended);
        busy.delete(uses);
      });
      running.add(ended);
    }
  };

  startWhatCan();
  while (running.size > 0) {
    await Promise.race(running);
    startWhatCan();
  }
  return results;
}

async function runOne(runner, write, streams) {
  const chunks = [`\n━━ ${runner.name}\n`];
  const collect = streams ? write : (text) => chunks.push(text);
  if (streams) write(chunks.pop());
  const begun = performance.now();
  const { passed, failed, note = '' } = await runner.run(collect);
  const seconds = (performance.now() - begun) / 1000;
  if (failed > 0) collect(`━━ ${runner.name}: ${failed} failed${note && ` (${note})`}\n`);
  if (!streams) write(chunks.join(''));
  return { name: runner.name, passed, failed, seconds, note };
}
