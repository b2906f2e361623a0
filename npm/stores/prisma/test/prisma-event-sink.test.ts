/** Tests of the sink beside a database. `examples/conexxus` runs the contract against a real client of Prisma. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventLog, eventLogTable } from '@fusewire/operations/events';
import { prismaEventSink } from '@fusewire/prisma';
import type { PrismaEventSinkOptions } from '@fusewire/prisma';

type Row = Record<string, unknown>;

/** Returns a model that keeps its rows in a list, and fails with `failures` first. */
function listModel(rows: Row[] = [], failures: unknown[] = []) {
  return {
    rows,
    async createMany({ data }: { data: readonly Row[] }) {
      if (failures.length > 0) throw failures.shift();
      rows.push(...data);
      return { count: data.length };
    },
    async findMany({ take = Infinity }: { take?: number }) {
      return rows.slice(0, take);
    },
    async deleteMany({ where }: { where: { id: { in: unknown[] } } }) {
      const before = rows.length;
      rows.splice(0, before, ...rows.filter(({ id }) => !where.id.in.includes(id)));
      return { count: before - rows.length };
    },
  };
}

const notUnique = Object.assign(new Error('Unique constraint failed'), { code: 'P2002' });

/** Returns the row that the sink writes for a failed synchronisation. */
async function writtenRow(options: Partial<PrismaEventSinkOptions>): Promise<Row> {
  const model = listModel();
  const log = eventLog({ sinks: prismaEventSink({ model, columns: 'EventLog', ...options }) });
  const data = {
    eventType: 'conexxus.sync.failed.push_sales',
    aggregateId: 'conexxus-1',
    payload: { operation: 'push_sales', error: 'HTTP 503' },
    metadata: { timeout: 30_000, retries: 3 },
  };
  await eventLogTable(log, { breaker: 'conexxus' }).create({ data });
  await log.close();
  return model.rows[0] as Row;
}

describe('prismaEventSink()', () => {
  it('writes a row of a program as the program gave it, with one key more in the metadata', async () => {
    const { id, timestamp, metadata, ...row } = await writtenRow({});
    assert.equal(typeof id, 'string');
    assert.ok(timestamp instanceof Date);
    const { fusewire, ...given } = metadata as Row;
    assert.deepEqual(given, { timeout: 30_000, retries: 3 });
    assert.equal((fusewire as Row)['breaker'], 'conexxus');
    assert.deepEqual(row, {
      eventType: 'conexxus.sync.failed.push_sales',
      aggregateId: 'conexxus-1',
      payload: { operation: 'push_sales', error: 'HTTP 503' },
    });
  });

  it('writes JSON as text into columns of the type String', async () => {
    const { payload, metadata } = await writtenRow({ json: 'String' });
    assert.deepEqual(JSON.parse(payload as string), { operation: 'push_sales', error: 'HTTP 503' });
    assert.equal(JSON.parse(metadata as string).retries, 3);
  });

  it('neither reads nor deletes the rows of the program in a table EventLog', async () => {
    for (const json of ['Json', 'String'] as const) {
      const own = { id: 'order-1', eventType: 'order.created', aggregateId: '1', timestamp: new Date(0) };
      const model = listModel([
        { ...own, payload: null, metadata: null },
        { ...own, id: 'order-2', payload: '{', metadata: '{"fusewire":' },
        { ...own, id: 'order-3', payload: '[]', metadata: '{"fusewire":1}' },
      ]);
      const log = eventLog({ sinks: prismaEventSink({ model, columns: 'EventLog', json }) });
      log.record({ kind: 'deployment' });
      await log.flush();
      const { events } = await log.tail();
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['deployment'],
      );
      const sink = prismaEventSink({ model, columns: 'EventLog', json });
      assert.equal(await sink.clean(Date.now() + 1_000), 1);
      assert.deepEqual(
        model.rows.map(({ id }) => id),
        ['order-1', 'order-2', 'order-3'],
      );
      await log.close();
    }
  });

  it('stores the rest of a batch that is partly stored, and gives up after three attempts', async () => {
    const source = listModel();
    const log = eventLog({ sinks: prismaEventSink({ model: source }) });
    for (const kind of ['one', 'two', 'three']) log.record({ kind });
    await log.flush();
    const { events } = await log.tail();
    await log.close();

    const model = listModel(source.rows.slice(0, 1), [notUnique]);
    await prismaEventSink({ model }).append(events);
    assert.deepEqual(new Set(model.rows.map(({ id }) => id)), new Set(events.map(({ id }) => id)));
    assert.equal(model.rows.length, 3);

    const failing = prismaEventSink({ model: listModel([], [notUnique, notUnique, notUnique]) });
    await assert.rejects(failing.append(events), notUnique);
    const down = new Error('database is locked');
    await assert.rejects(prismaEventSink({ model: listModel([], [down]) }).append(events), down);
  });

  it('rejects every invalid option', () => {
    const model = listModel();
    for (const [option, options] of [
      ['model', {}],
      ['model', { model: {} }],
      ['model', { model: 'eventLog' }],
      ['columns', { model, columns: 'eventlog' }],
      ['json', { model, json: true }],
      ['table', { model, table: 'x' }],
    ] as const) {
      assert.throws(
        () => prismaEventSink(options as never),
        (error: { code: string; message: string }) =>
          error.code === 'ERR_OPTIONS' &&
          error.message.includes(option) &&
          error.message.startsWith('Event sink prisma'),
        option,
      );
    }
  });
});
