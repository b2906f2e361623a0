// Records events until it is killed, and prints the key of each that is durable.
//
//   node worker.ts FOLDER NAME MODE FSYNC    MODE: working, failing or hanging, as the sink behaves, or last
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { writeAhead } from '@fusewire/operations/disk';
import { eventLog } from '@fusewire/operations/events';
import type { EventSink } from '@fusewire/operations/events';
import { sqliteEventSink } from '@fusewire/sqlite';

const [folder, name, mode, fsync] = process.argv.slice(2) as [string, string, string, string];
const kept = sqliteEventSink({ path: join(folder, 'events.db') });
const sink: EventSink = {
  name: 'sqlite',
  append(events) {
    if (mode === 'failing') return Promise.reject(new Error('the sink fails'));
    if (mode === 'hanging') return new Promise(() => undefined);
    return kept.append(events);
  },
  read: (query) => kept.read(query),
  clean: (before) => kept.clean(before),
  close: () => kept.close(),
};
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const log = eventLog({
  sinks: sink,
  writeAhead: writeAhead({
    folder: join(folder, 'ahead'),
    segmentSize: 16_384,
    fsync: fsync === 'always' || fsync === 'never' ? fsync : Number(fsync),
  }),
  instance: name,
  batchDelay: 1,
  maxWaiting: 50,
  logger: silent,
});

if (mode === 'last') {
  while (!(await log.flush()));
  await log.close();
} else {
  for (let number = 0; ;) {
    const batch = Array.from({ length: 1 + (number % 7) }, () => `${name}-${number++}`);
    for (const key of batch) log.record({ kind: 'kill-test', details: { key, text: 'word '.repeat(number % 50) } });
    if (await log.flush({ until: 'durable' })) print(`${batch.join('\n')}\n`);
  }
}

/** Writes to the pipe at once, so that it survives the kill. */
function print(text: string): void {
  for (let rest = Buffer.from(text); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full until the reader has its turn.
      if ((error as { code?: unknown }).code !== 'EAGAIN') throw error;
    }
  }
}
