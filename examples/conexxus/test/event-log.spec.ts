/** Rows of failed synchronisations, as the document has them and its queries read them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { fail, newDatabase, rowsOf, start } from './support.ts';

type Payload = Readonly<Record<string, unknown>>;

describe('EventLog', () => {
  it('has a row of the documented shape for every failed synchronisation, also for those that the circuit rejected', async (t) => {
    const started = await start(t);
    await started.prisma.sale.create({ data: { sku: 'A1', quantity: 2 } });
    await fail(started, 4);
    await started.conexxus.pushSales().catch(() => undefined);
    await fail(started, 1);
    const rows = await rowsOf(started);
    const payloads = rows.map(({ payload }) => payload as Payload);
    assert.deepEqual(
      rows.map(({ eventType }, index) => [
        eventType,
        payloads[index]?.['error'],
        payloads[index]?.['circuitBreakerState'],
      ]),
      [
        ...Array(4).fill(['conexxus.sync.failed.fetch_inventory', 'Request failed with status code 500', 'CLOSED']),
        ['conexxus.sync.failed.push_sales', 'Request failed with status code 500', 'OPEN'],
        ['conexxus.sync.failed.fetch_inventory', 'Circuit breaker is OPEN', 'OPEN'],
      ],
    );
    const [row] = rows;
    const { operation, stack, timestamp } = payloads[0] as Payload;
    assert.equal(operation, 'fetch_inventory');
    assert.match(String(stack), /^AxiosError: Request failed with status code 500\n {4}at /);
    assert.equal(row?.aggregateId, `conexxus-${Date.parse(String(timestamp))}`);
    const { baseURL, timeout, retries } = row?.metadata as Payload;
    assert.deepEqual([timeout, retries], [30_000, 0]);
    assert.match(String(baseURL), /^http:\/\/127\.0\.0\.1:/);
    assert.match(String(payloads[4]?.['data']), /^\{"sales":\[\{"id":"[^"]+","sku":"A1","quantity":2\}\]\}$/);
  });

  it('cuts the data of a request after 1 000 characters', async (t) => {
    const started = await start(t);
    await started.prisma.sale.createMany({ data: Array.from({ length: 100 }, () => ({ sku: 'A1', quantity: 1 })) });
    started.upstream.behaviour = 'failing';
    await started.conexxus.pushSales().catch(() => undefined);
    const [row] = await rowsOf(started);
    assert.equal(((row?.payload as Payload)['data'] as string).length, 1_000);
  });

  it('answers the queries of the document as they are printed', async (t) => {
    const started = await start(t);
    const { prisma } = started;
    await fail(started, 25);
    await rowsOf(started);
    const { eventType, aggregateId, payload } = {
      eventType: 'conexxus.sync.failed.push_sales',
      aggregateId: 'x',
      payload: {},
    };
    const old = new Date(Date.now() - 7_200_000);
    await prisma.eventLog.create({ data: { eventType, aggregateId, payload, timestamp: old } });
    await prisma.eventLog.create({ data: { eventType: 'order.created', aggregateId, payload } });
    const query = (sql: string) => prisma.$queryRawUnsafe<Payload[]>(sql);
    const recent = await query(`SELECT * FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
ORDER BY "timestamp" DESC 
LIMIT 20;`);
    assert.equal(recent.length, 20);
    assert.ok(recent.every((row) => row['eventType'] === 'conexxus.sync.failed.fetch_inventory'));
    const counts = await query(`SELECT 
  "eventType",
  COUNT(*) as count
FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
GROUP BY "eventType";`);
    assert.deepEqual(
      counts.map(({ eventType: type, count }) => [type, Number(count)]),
      [
        ['conexxus.sync.failed.fetch_inventory', 25],
        ['conexxus.sync.failed.push_sales', 1],
      ],
    );
    const lastHour = await query(`SELECT * FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
  AND "timestamp" > datetime('now', '-1 hour')
ORDER BY "timestamp" DESC;`);
    assert.equal(lastHour.length, 25);
    const { body } = await started.ask('GET', '/conexxus/failures');
    assert.equal(body.recent.length, 20);
    assert.deepEqual(body.byOperation, { [lastHour[0]?.['eventType'] as string]: 25, [eventType]: 1 });
    assert.equal(body.lastHour, 25);
  });

  it('does not make a synchronisation wait for a database that is locked, and has its rows afterwards', async (t) => {
    const started = await start(t);
    started.upstream.behaviour = 'failing';
    let release = () => {};
    const locked = new Promise<void>((resolve) => (release = resolve));
    let isLocked = () => {};
    const beginning = new Promise<void>((resolve) => (isLocked = resolve));
    const transaction = started.prisma.$transaction(async (database) => {
      await database.sale.create({ data: { sku: 'A1', quantity: 1 } });
      isLocked();
      await locked;
    });
    await beginning;
    for (let call = 0; call < 3; call++) {
      await assert.rejects(started.conexxus.syncInventory(), { message: 'Request failed with status code 500' });
    }
    release();
    await transaction;
    assert.equal((await rowsOf(started)).length, 3);
  });

  it('keeps the changes of the circuit and what operators do in the same table', async (t) => {
    const started = await start(t);
    await fail(started, 5);
    await started.ask('POST', '/ops/breakers/conexxus/reset', { reason: 'they have repaired it' });
    await started.operations.events.flush();
    const rows = await started.prisma.eventLog.findMany({
      where: { eventType: { in: ['fusewire.state-change', 'fusewire.administration'] } },
      orderBy: { id: 'asc' },
    });
    assert.deepEqual(rows.map(({ eventType, aggregateId }) => [eventType, aggregateId]).sort(), [
      ['fusewire.administration', 'conexxus'],
      ['fusewire.state-change', 'conexxus'],
      ['fusewire.state-change', 'conexxus'],
    ]);
    const { body } = await started.ask('GET', '/ops/events?kind=administration');
    assert.equal(body.events[0].reason, 'they have repaired it');
  });

  it('loses no row when the application is closed', async (t) => {
    const url = newDatabase();
    const started = await start(t, { DATABASE_URL: url });
    await fail(started, 9);
    await started.app.close();
    const client = createClient({ url });
    const { rows } = await client.execute(`SELECT * FROM "EventLog" WHERE "eventType" LIKE 'conexxus.sync.failed.%'`);
    client.close();
    assert.equal(rows.length, 9);
  });
});
