import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Work } from './work.mjs';

/**
 * Cost of idle breakers: timers alive after one call each, then CPU time while nothing happens.
 * @param {import('../contenders/index.mjs').Contender | undefined} contender loaded; undefined for an empty process
 * @param {{ count: number, seconds: number }} task
 */
export async function measureIdle(contender, task) {
  const work = new Work('success');
  const timers = watchTimers();
  const breakers = [];
  for (let index = 0; index < (contender === undefined ? 0 : task.count); index++) {
    const breaker = contender.make(work.fn, { circuit: 'standard' });
    breakers.push(breaker);
    await contender.call(breaker, work.fn);
  }
  // A library may clear timers at the end of the turn, and Node reports that a few turns later.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  const timersAfterCall = timers.stop();
  globalThis.gc();
  await sleep(1_000);
  const before = process.cpuUsage();
  await sleep(task.seconds * 1_000);
  const used = process.cpuUsage(before);
  return {
    breakers: breakers.length,
    timers: timersAfterCall,
    cpuMsIn10s: ((used.user + used.system) / 1_000 / task.seconds) * 10,
  };
}

function watchTimers() {
  const alive = new Set();
  const hook = createHook({
    init: (id, type) => type === 'Timeout' && alive.add(id),
    destroy: (id) => alive.delete(id),
  });
  hook.enable();
  return {
    stop() {
      hook.disable();
      return alive.size;
    },
  };
}
