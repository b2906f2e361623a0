import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writeAhead } from '@fusewire/operations/disk';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';
import type { EventSink, OperationsEvent } from '@fusewire/operations/events';

const root = mkdtempSync(join(tmpdir(), 'fusewire-events-'));
let folders = 0;
const newFolder = (): string => join(root, String(folders++));
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
after(() => rmSync(root, { recursive: true }));

/** Returns a sink in memory that fails while `state.isDown`. */
function sinkWith(state: { isDown: boolean }): EventSink & { all(): Promise<readonly OperationsEvent[]> } {
  const kept = memoryEventSink({ max: 100_000 });
  return {
    name: 'faulty',
    append: (events) => (state.isDown ? Promise.reject(new Error('down')) : kept.append(events)),
    read: (query) => kept.read(query),
    clean: (before) => kept.clean(before),
    close: () => kept.close(),
    async all() {
      const found: OperationsEvent[] = [];
      for (let cursor: string | null = null; ;) {
        const page = await kept.read({ cursor, limit: 1_000, order: 'oldest' });
        found.push(...page.events);
        cursor = page.cursor;
        if (cursor === null) return found;
      }
    },
  };
}

/** Makes the segments of a folder those of an ended process. */
function leave(folder: string): void {
  for (const name of readdirSync(folder)) renameSync(join(folder, name), join(folder, name.replace(/^\d+-\d+/, '1-1')));
}

describe('writeAhead', () => {
  test('keeps events that no sink has stored for the next process', async () => {
    const folder = newFolder();
    const down = sinkWith({ isDown: true });
    const log = eventLog({ sinks: down, writeAhead: writeAhead({ folder }), logger: silent });
    for (let index = 0; index < 100; index++) log.record({ kind: 'x', details: { index } });
    assert.equal(await log.flush({ until: 'durable' }), true);
    assert.equal(log.getStats().durable, 100);
    await log.close({ timeout: 10 });
    leave(folder);
    const up = sinkWith({ isDown: false });
    const next = eventLog({ sinks: up, writeAhead: writeAhead({ folder }) });
    assert.equal(await next.flush(), true);
    assert.deepEqual(
      (await up.all()).map(({ details }) => details['index']),
      Array.from({ length: 100 }, (_, index) => index),
    );
    await next.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('deletes segments once every sink has stored their events', async () => {
    const folder = newFolder();
    const state = { isDown: true };
    const [good, late] = [sinkWith({ isDown: false }), sinkWith(state)];
    const log = eventLog({
      sinks: [good, late],
      writeAhead: writeAhead({ folder, segmentSize: 4_096 }),
      batchDelay: 0,
      logger: silent,
    });
    for (let index = 0; index < 100; index++) {
      log.record({ kind: 'x', details: { index, text: 'word '.repeat(20) } });
      if (index % 10 === 0) await log.flush({ until: 'durable' });
    }
    assert.ok(readdirSync(folder).length >= 5);
    state.isDown = false;
    while (!(await log.flush({ timeout: 500 })));
    assert.equal((await late.all()).length, 100);
    await log.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('keeps on disk what finds no place in memory, and hands it over later', async () => {
    const folder = newFolder();
    const state = { isDown: true };
    const sink = sinkWith(state);
    const log = eventLog({
      sinks: sink,
      writeAhead: writeAhead({ folder, segmentSize: 8_192 }),
      maxWaiting: 10,
      batchSize: 5,
      batchDelay: 0,
      logger: silent,
    });
    for (let index = 0; index < 1_000; index++) {
      log.record({ kind: 'x', details: { index } });
      if (index % 50 === 0) await log.flush({ until: 'durable' });
    }
    assert.equal(log.getStats().dropped, 0);
    state.isDown = false;
    while (!(await log.flush({ timeout: 500 })));
    const indexes = (await sink.all()).map(({ details }) => details['index'] as number);
    assert.deepEqual(
      indexes,
      Array.from({ length: 1_000 }, (_, index) => index),
    );
    for (let index = 1_000; index < 1_010; index++) log.record({ kind: 'x', details: { index } });
    await log.flush();
    assert.equal((await sink.all()).length, 1_010);
    await log.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('leaves the segments of running processes and threads alone', async () => {
    const folder = newFolder();
    const down = eventLog({ sinks: sinkWith({ isDown: true }), writeAhead: writeAhead({ folder }), logger: silent });
    down.record({ kind: 'x' });
    await down.flush({ until: 'durable' });
    const ahead = writeAhead({ folder });
    assert.deepEqual(await ahead.leftover(), []);
    await down.close({ timeout: 10 });
    assert.equal((await ahead.leftover()).length, 1);
    await ahead.close();
  });

  test('ignores a line that was cut, and files of others', async () => {
    const folder = newFolder();
    const log = eventLog({ sinks: sinkWith({ isDown: true }), writeAhead: writeAhead({ folder }), logger: silent });
    log.record({ kind: 'x' });
    await log.close({ timeout: 10 });
    const [name] = readdirSync(folder) as [string];
    const line = readFileSync(join(folder, name), 'utf8');
    appendFileSync(join(folder, name), `\n{"id":1}\nnull\n${line.slice(0, 40)}`);
    appendFileSync(join(folder, 'notes.txt'), 'mine');
    const ahead = writeAhead({ folder });
    assert.equal((await ahead.read(name)).length, 1);
    assert.deepEqual(await ahead.leftover(), [name]);
    await ahead.close();
    assert.ok(readdirSync(folder).includes('notes.txt'));
    if (process.platform !== 'win32') assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  });

  test('goes on without the disk if it fails or is full, and counts what is not durable', async () => {
    const folder = newFolder();
    const sink = sinkWith({ isDown: false });
    const ahead = writeAhead({ folder, fsync: 'always' });
    const log = eventLog({ sinks: sink, writeAhead: ahead, batchDelay: 0 });
    rmSync(folder, { recursive: true });
    for (let index = 0; index < 10; index++) log.record({ kind: 'x' });
    assert.equal(await log.flush({ until: 'durable' }), false);
    assert.equal(await log.flush(), true);
    assert.equal((await sink.all()).length, 10);
    assert.match(ahead.getStats().lastError ?? '', /ENOENT/);
    assert.equal(ahead.getStats().failed, 10);
    await log.close();

    const small = writeAhead({ folder: newFolder(), maxSize: 1_048_576 });
    const full = eventLog({ sinks: sinkWith({ isDown: true }), writeAhead: small, logger: silent, maxWaiting: 10 });
    for (let index = 0; index < 1_500; index++) full.record({ kind: 'x', details: { text: 'word '.repeat(200) } });
    assert.equal(await full.flush({ until: 'durable' }), false);
    const { accepted, durable, dropped } = full.getStats();
    assert.equal(accepted, 1_500);
    assert.ok(durable !== null && durable > 800 && durable < 1_500);
    assert.equal(dropped, 1_500 - durable);
    assert.ok(small.getStats().size <= 1_048_576);
    await full.close({ timeout: 10 });
  });

  test('keeps a segment that cannot be read for the moment, and reads it again', async () => {
    const folder = newFolder();
    const down = eventLog({ sinks: sinkWith({ isDown: true }), writeAhead: writeAhead({ folder }), logger: silent });
    down.record({ kind: 'x' });
    await down.close({ timeout: 10 });
    leave(folder);
    const ahead = writeAhead({ folder });
    const read = ahead.read.bind(ahead);
    let failures = 2;
    ahead.read = (segment) => (failures-- > 0 ? Promise.reject(new Error('EMFILE')) : read(segment));
    const up = sinkWith({ isDown: false });
    const log = eventLog({ sinks: up, writeAhead: ahead, logger: silent });
    assert.equal(await log.flush(), true);
    assert.equal((await up.all()).length, 1);
    await log.close();
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(await ahead.read('1-1-0-a-1.jsonl'), []);
  });

  test('rejects invalid options in one error', () => {
    assert.throws(
      () => writeAhead({ folder: '', fsync: 0, maxSize: 1, segmentSize: 'x' } as never),
      (error: Error) => {
        for (const option of ['folder', 'fsync', 'maxSize', 'segmentSize'])
          assert.match(error.message, new RegExp(option));
        return true;
      },
    );
  });
});
