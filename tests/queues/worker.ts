/** Program of a worker, which enqueues operations until it is killed. Its consumer starts with the process. */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fallback } from 'fusewire';
import { queued } from 'fusewire/queue';
import type { Queue } from 'fusewire/queue';

/** Every seventh operation fails at its first attempt. */
const FAILING = 7;

/**
 * Works on a queue, and logs to files. A line that was written survives `kill -9`.
 *
 * @param folder of the files. `intended-<who>` lists the keys that this worker began to enqueue, `acknowledged-<who>`
 *   those that the queue acknowledged, and `applied` every key that an operation has run for. `effects` has one file
 *   for each key.
 * @param who name of the worker.
 * @param isLast whether the worker enqueues nothing new, and ends when the queue is empty.
 */
export async function work(queue: Queue, folder: string, who: string, isLast: boolean): Promise<void> {
  const intended = openLog(join(folder, `intended-${who}`));
  const acknowledged = openLog(join(folder, `acknowledged-${who}`));
  const applied = openLog(join(folder, 'applied'));
  const later = queued<number>({
    queue: queue as Queue<number>,
    topic: 'numbers',
    payload: ({ args: [number] }) => number as number,
    operation(number, { key, attempt }) {
      if (key !== `${key.split('-')[0]}-${number}`) throw new Error(`the payload of ${key} is ${number}`);
      if (number % FAILING === 0 && attempt === 1) throw new Error('down');
      applyOnce(join(folder, 'effects', key));
      applied.write(key);
    },
    concurrency: 4,
    maxAttempts: 1_000,
    retryDelay: 0,
    leaseTime: 500,
    pollInterval: 20,
  });
  // The server of the store may be restarting.
  later.on('fault', () => undefined);
  const orders = fallback([later]);
  const enqueue = async (number: number) => {
    const key = `${who}-${number}`;
    await insist(() => orders.execute(() => Promise.reject(new Error('down')), { key, args: [number] }));
    acknowledged.write(key);
  };

  // Like a client that got no answer, enqueues again what the killed worker before this one may not have enqueued.
  const known = new Set(acknowledged.lines);
  for (const key of intended.lines.filter((line) => !known.has(line))) await enqueue(Number(key.split('-')[1]));
  if (!isLast) {
    for (let number = intended.lines.length + 1; ; number++) {
      intended.write(`${who}-${number}`);
      console.log('begun');
      await enqueue(number);
      await delay(1);
    }
  }
  while ((await insist(() => queue.size('numbers'))).oldestAge !== null) await delay(20);
  await later.close();
  await queue.close();
}

/** Repeats `attempt` until it succeeds: the server of the store may be restarting. */
async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await delay(20);
    }
  }
}

/** Creates `file` unless it exists. */
function applyOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Opens a file for appending lines. `lines` has its complete lines: a kill may have cut the last one off. */
function openLog(file: string) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const handle = openSync(file, 'a');
  return { lines, write: (line: string) => void writeSync(handle, `${line}\n`) };
}
