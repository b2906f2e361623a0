/** What a process does until it is killed: it puts operations off, and does those that were put off. */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fallback, queued } from 'fusewire';
import type { Queue } from 'fusewire';

/** Every seventh operation fails at first. */
const FAILING = 7;

/**
 * Works on a queue. What it tells is written through to files as it goes: a line that was written is there after `kill -9`.
 *
 * `folder`: `intended-<who>` and `acknowledged-<who>` have the keys that it was to put off, and those that it knows are;
 * `applied` has the keys of what was done, each time; `effects` a file for each key, made by who was first.
 * `isLast`: it puts off nothing new, and ends when all is done.
 */
export async function work(queue: Queue, folder: string, who: string, isLast: boolean): Promise<void> {
  const intended = log(join(folder, `intended-${who}`));
  const acknowledged = log(join(folder, `acknowledged-${who}`));
  const applied = log(join(folder, 'applied'));
  const later = queued<number>({
    queue: queue as Queue<number>,
    idempotencyKey: ({ key }) => key as string,
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
    visibility: 500,
  });
  const orders = fallback([later]);
  const putOff = async (number: number) => {
    const key = `${who}-${number}`;
    await insist(() => orders.execute(() => Promise.reject(new Error('down')), { key, args: [number] }));
    acknowledged.write(key);
  };

  // What was under way when the one before was killed is asked for again, as any client would.
  const known = new Set(acknowledged.lines);
  for (const key of intended.lines.filter((line) => !known.has(line))) await putOff(Number(key.split('-')[1]));
  console.log('ready');
  const consuming = consume();
  if (!isLast) {
    for (let number = intended.lines.length + 1; ; number++) {
      intended.write(`${who}-${number}`);
      await putOff(number);
      await delay(1);
    }
  }
  await consuming;
  await later.close();
  await queue.close();

  async function consume(): Promise<void> {
    for (;;) {
      await insist(() => later.replay());
      const { waiting, leased } = await insist(() => queue.size());
      if (isLast && waiting + leased === 0) return;
      await delay(5);
    }
  }
}

/** Tries again and again: the server of the store may just be away. */
async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await delay(20);
    }
  }
}

function applyOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Lines of a file, of which the last may have been cut off. */
function log(file: string) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const handle = openSync(file, 'a');
  return { lines, write: (line: string) => void writeSync(handle, `${line}\n`) };
}
