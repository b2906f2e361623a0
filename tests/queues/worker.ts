/** Program of a worker, which enqueues operations until it is killed. Its consumer starts with the process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fallback } from 'fusewire';
import { queued } from 'fusewire/queue';
import type { AttemptEvent, Queue } from 'fusewire/queue';
import { appendTo, LEASE_TIME } from './faults/ledger.ts';

/** Every seventh operation fails at its first attempt. */
const FAILING = 7;
/** Every twentieth operation takes longer than the time between two heartbeats. */
const LONG = 20;
/** Most operations of this worker that wait. A worker that is far ahead would only make the end longer. */
const MOST_WAITING = 200;

interface Payload {
  readonly number: number;
  /** Identifies the call of `enqueue`. A message has that of the call which has added it. */
  readonly life: string;
}

/**
 * Works on a queue, and appends each step to the file `ledger`. A line that was written survives `kill -9`. It prints a line
 * `+` for each operation that it enqueues, and `-` for each one that it has run.
 *
 * @param folder of the ledger.
 * @param who name of the worker.
 * @param isLast whether the worker enqueues nothing new, and ends when the queue is empty. SIGTERM has the same effect.
 */
export async function work(queue: Queue, folder: string, who: string, isLast: boolean): Promise<void> {
  const file = join(folder, 'ledger');
  const ledger = appendTo(file);
  const lives = new Map<string, string>();
  let [enqueued, run] = [0, 0];
  const later = queued<Payload>({
    queue: queue as Queue<Payload>,
    topic: 'numbers',
    payload: ({ args: [number, life] }) => ({ number: number as number, life: life as string }),
    async operation({ number, life }, { key, attempt }) {
      lives.set(`${key} ${attempt}`, life);
      ledger.write('begin', key, life, attempt);
      if (key !== `${key.split('-')[0]}-${number}`) throw new Error(`the payload of ${key} is ${number}`);
      await delay(number % LONG === 0 ? LEASE_TIME / 2 : number % 3);
      const fails = number % FAILING === 0 && attempt === 1;
      ledger.write(fails ? 'fail' : 'end', key, life, attempt);
      console.log('-');
      run++;
      if (fails) throw new Error('down');
    },
    concurrency: 4,
    maxAttempts: 1_000,
    retryDelay: Number(process.env['FUSEWIRE_RETRY_DELAY'] ?? 20),
    maxRetryDelay: 100,
    leaseTime: LEASE_TIME,
    pollInterval: 20,
    enqueueTimeout: 2 * LEASE_TIME,
  });
  const record = (step: 'done' | 'lost') => (event: AttemptEvent) =>
    ledger.write(step, event.key, lives.get(`${event.key} ${event.attempt}`) ?? '?', event.attempt);
  later.on('done', record('done'));
  later.on('leaseLost', record('lost'));
  // The server of the store may be restarting.
  later.on('fault', () => undefined);
  const orders = fallback([later]);
  const enqueue = async (number: number) => {
    const key = `${who}-${number}`;
    for (;;) {
      const life = process.hrtime.bigint().toString(36);
      ledger.write('enqueue', key, life, 0);
      try {
        await orders.execute(() => Promise.reject(new Error('down')), { key, args: [number, life] });
        return ledger.write('acknowledged', key, life, 0);
      } catch {
        await delay(20);
      }
    }
  };

  let isEnding = isLast;
  process.once('SIGTERM', () => (isEnding = true));
  // Like a client that got no answer, enqueues again what the killed worker before this one may not have enqueued.
  const numbers = { enqueue: new Set<number>(), acknowledged: new Set<number>() };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, , step, key = ''] = line.split(' ');
    const [owner, number] = key.split('-');
    if (owner === who && (step === 'enqueue' || step === 'acknowledged')) numbers[step].add(Number(number));
  }
  for (const number of numbers.enqueue) if (!numbers.acknowledged.has(number)) await enqueue(number);
  for (let number = Math.max(0, ...numbers.enqueue) + 1; !isEnding; number++) {
    console.log('+');
    await enqueue(number);
    enqueued++;
    await delay(enqueued - run > MOST_WAITING ? 20 : 2);
  }
  while ((await sizeOf(queue)) !== null) await delay(20);
  await later.close();
  await queue.close();
}

/** Returns the age of the oldest operation; null if there is none. */
async function sizeOf(queue: Queue): Promise<number | null> {
  try {
    return (await queue.size('numbers')).oldestAge;
  } catch {
    return 0;
  }
}
