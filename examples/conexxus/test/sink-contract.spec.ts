/** The contract of event sinks, on a real client of Prisma with SQLite. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { eventSinkContract } from '@fusewire/operations/contract';
import { eventLog, eventLogTable } from '@fusewire/operations/events';
import { prismaEventSink } from '@fusewire/prisma';
import { PrismaClient } from '../generated/contract/client.ts';
import { newDatabase } from './support.ts';

const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: newDatabase() }) });
after(() => prisma.$disconnect());

const eventTable = (name: string, json: string) =>
  `CREATE TABLE "${name}" ("id" TEXT NOT NULL PRIMARY KEY, "time" DATETIME NOT NULL, "kind" TEXT NOT NULL, "severity" TEXT NOT NULL,
   "breaker" TEXT, "policy" TEXT, "instance" TEXT NOT NULL, "actor" TEXT, "reason" TEXT, "count" INTEGER NOT NULL,
   "summary" TEXT NOT NULL, "details" ${json} NOT NULL)`;
const eventLogOf = (name: string, json: string) =>
  `CREATE TABLE "${name}" ("id" TEXT NOT NULL PRIMARY KEY, "eventType" TEXT NOT NULL, "aggregateId" TEXT NOT NULL,
   "payload" ${json} NOT NULL, "metadata" ${json}, "timestamp" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP)`;

before(async () => {
  const tables = [
    ...[eventTable('FusewireEvent', 'JSONB'), eventTable('FusewireEventText', 'TEXT')],
    ...[eventLogOf('EventLog', 'JSONB'), eventLogOf('EventLogText', 'TEXT')],
  ];
  for (const sql of tables) await prisma.$executeRawUnsafe(sql);
});

const models = {
  'a column for each field, JSON as Json': { model: prisma.fusewireEvent },
  'a column for each field, JSON as String': { model: prisma.fusewireEventText, json: 'String' },
  'a table EventLog, JSON as Json': { model: prisma.eventLog, columns: 'EventLog' },
  'a table EventLog, JSON as String': { model: prisma.eventLogText, columns: 'EventLog', json: 'String' },
} as const;

for (const [title, options] of Object.entries(models)) {
  describe(`the sink in a model of Prisma with ${title}`, () => {
    for (const { name, check } of eventSinkContract) {
      it(name, async () => {
        await (options.model as typeof prisma.eventLog).deleteMany();
        await check(prismaEventSink(options));
      });
    }
  });
}

describe('the sink in a table EventLog of the program', () => {
  it('leaves the rows of the program alone, and stores a batch of 2 000 events or nothing', async () => {
    await prisma.eventLog.deleteMany();
    const own = { eventType: 'order.created', aggregateId: 'order-1', payload: { $type: 'order' } };
    await prisma.eventLog.create({ data: { ...own, timestamp: new Date(0) } });
    const sink = prismaEventSink({ model: prisma.eventLog, columns: 'EventLog' });
    const log = eventLog({ sinks: sink, batchSize: 2_000, retention: false });
    for (let number = 0; number < 1_999; number++) log.record({ kind: 'x' });
    await eventLogTable(log).create({ data: { ...own, eventType: 'order.failed', metadata: { by: 'shop' } } });
    await log.flush();
    const { events } = await log.tail({ kind: 'order.*' });
    assert.deepEqual(
      events.map(({ kind, details }) => ({ kind, details })),
      [{ kind: 'order.failed', details: { aggregateId: 'order-1', payload: own.payload, metadata: { by: 'shop' } } }],
    );
    assert.equal(await sink.clean(Date.now() + 1_000), 2_000);
    const left = await prisma.eventLog.findMany();
    assert.deepEqual(
      left.map(({ eventType, metadata }) => ({ eventType, metadata })),
      [{ eventType: 'order.created', metadata: null }],
    );
    await log.close();
  });

  it('rolls back a batch of which one row is wrong', async () => {
    await prisma.eventLogText.deleteMany();
    const row = { eventType: 'x', aggregateId: 'y', payload: '{}' };
    const rows = Array.from({ length: 2_001 }, (_, index) => ({ ...row, id: String(index % 2_000) }));
    await assert.rejects(prisma.eventLogText.createMany({ data: rows }), { code: 'P2002' });
    assert.equal(await prisma.eventLogText.count(), 0);
  });
});
