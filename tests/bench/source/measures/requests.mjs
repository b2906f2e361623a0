import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from '../statistics.mjs';
import { expectEqual } from './work.mjs';

const SERVER = fileURLToPath(new URL('./server.mjs', import.meta.url));

/** Alternations of bare and protected requests in one sample. */
const TURNS = 7;

/**
 * Task of a request case, as the measuring process receives it.
 * @typedef {{ bare: import('../contenders/clients.mjs').ClientContender, requests: number, warmUp: number, width: number }} RequestTask
 */

/**
 * Starts a server, and warms up. A sample is the CPU time of this process, so that a busy machine affects it little.
 * @param {import('../contenders/clients.mjs').ClientContender} contender loaded
 * @param {RequestTask} task
 * @returns {Promise<() => Promise<import('../statistics.mjs').Sample>>} takes one sample
 */
export async function prepareRequests(contender, task) {
  const server = fork(SERVER);
  const [port] = await once(server, 'message');
  server.unref();
  server.channel?.unref();
  const url = `http://127.0.0.1:${port}/orders`;
  const through = contender.make();
  const bare = task.bare.make();
  await measure(bare, url, task.warmUp, task.width);
  await measure(through, url, task.warmUp, task.width);
  return async () => {
    const times = { bare: [], contender: [] };
    for (let turn = 0; turn <= TURNS; turn++) {
      const bareTime = await measure(bare, url, task.requests, task.width);
      const contenderTime = await measure(through, url, task.requests, task.width);
      // The first turn finds the caches of the processor cold, because other processes ran before it.
      if (turn === 0) continue;
      times.bare.push(bareTime);
      times.contender.push(contenderTime);
    }
    const bareTime = median(times.bare);
    return { bareBefore: bareTime, contender: median(times.contender), bareAfter: bareTime };
  };
}

/** Makes requests, so many at a time. Returns the nanoseconds of CPU time that each has cost. */
async function measure(send, url, requests, width) {
  let left = requests;
  let answers = 0;
  const sendInTurn = async () => {
    while (left-- > 0) if ((await send(url)).id === 1) answers++;
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: width }, sendInTurn));
  const { user, system } = process.cpuUsage(before);
  expectEqual('answers', answers, requests);
  return ((user + system) * 1e3) / requests;
}
