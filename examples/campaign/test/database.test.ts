/** The transaction manager, on a PostgreSQL whose connections break. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { DatabaseTransactionManager } from '../lib/database-transaction.ts';
import { CommitUnknownError } from '../lib/database/database.ts';
import type { Connection, Database } from '../lib/database/database.ts';
import { postgresMetrics } from '@fusewire/postgres';
import { quiet, startForTests } from './support.ts';

const { program, database, repair } = await startForTests();
const { transactions } = program;
await program.database.query('CREATE TABLE counters (name text PRIMARY KEY, number int NOT NULL CHECK (number < 100))');

beforeEach(async () => {
  repair();
  await program.database.query(`DELETE FROM counters; INSERT INTO counters VALUES ('runs', 0)`);
});

const add = (connection: Connection) => connection.query("UPDATE counters SET number = number + 1 WHERE name = 'runs'");
const number = async () =>
  (await program.database.query("SELECT number FROM counters WHERE name = 'runs'")).rows[0].number;

/** Returns a manager over a database whose first transactions reject with an error. */
function failing(code: string, times: number) {
  let attempts = 0;
  const stub: Database = {
    query: () => Promise.reject(new Error('not used')),
    transaction: async (work) => {
      attempts++;
      if (attempts <= times) throw Object.assign(new Error(code), { code });
      return work({ query: () => Promise.reject(new Error('not used')) });
    },
    close: async () => undefined,
  };
  const manager = new DatabaseTransactionManager({ database: stub, logger: quiet });
  return { manager, attempts: () => attempts };
}

test('atomic commits all statements or none', async () => {
  await transactions.atomic(add);
  await assert.rejects(
    transactions.atomic(async (connection) => {
      await add(connection);
      throw new TypeError('a mistake of the program');
    }),
    { message: 'a mistake of the program' },
  );
  assert.equal(await number(), 1);
});

test('atomic runs no transaction again whose commit has lost its answer', async () => {
  const { lostCommits } = database;
  database.behave('lose-commit');
  await transactions.atomic(add);
  assert.equal(database.lostCommits, lostCommits + 1);
  assert.equal(await number(), 1);
});

test('atomic rejects where nobody can say whether a transaction was committed, and does not run it again', async () => {
  let runs = 0;
  const answer = transactions.atomic(async (connection) => {
    runs++;
    await add(connection);
    // The server goes away with the commit, and does not come back in time.
    database.behave('lose-commit');
    setImmediate(() => watch());
  });
  const watch = () => (database.lostCommits > before ? database.behave('outage') : setImmediate(watch));
  const before = database.lostCommits;
  await assert.rejects(answer, CommitUnknownError);
  assert.equal(runs, 1);
  database.behave('up');
  assert.equal(await number(), 1);
});

test('atomic runs a transaction again after a connection that broke before the commit', async () => {
  let runs = 0;
  await transactions.atomic(async (connection) => {
    await add(connection);
    if (runs++ === 0) {
      database.behave('outage');
      database.behave('up');
    }
    await add(connection);
  });
  assert.equal(runs, 2);
  assert.equal(await number(), 2);
});

test('atomic retries serialisation failures and deadlocks, at most four times in all', async () => {
  for (const code of ['40001', '40P01']) {
    const { manager, attempts } = failing(code, 2);
    assert.equal(await manager.atomic(async () => 'committed'), 'committed');
    assert.equal(attempts(), 3);
  }
  const { manager, attempts } = failing('40001', 10);
  await assert.rejects(
    manager.atomic(async () => 'committed'),
    { code: '40001' },
  );
  assert.equal(attempts(), 4);
});

test('a broken constraint opens no circuit, is not retried, and is no answer of a fallback', async () => {
  const before = transactions.breaker.getMetrics().totalFailures;
  for (let call = 0; call < 6; call++) {
    await assert.rejects(
      transactions.atomic(
        (connection) => connection.query('UPDATE counters SET number = 200'),
        () => 'degraded',
      ),
      { code: '23514' },
    );
  }
  assert.equal(transactions.breaker.getState(), 'CLOSED');
  assert.equal(transactions.breaker.getMetrics().totalFailures, before);
});

test('reads are answered with cached rows while the database is away, and then by the degraded mode', async () => {
  const statement = { text: 'SELECT number FROM counters' };
  assert.deepEqual(await transactions.read(statement, { key: 'numbers' }), [{ number: 0 }]);
  database.behave('outage');
  for (let call = 0; call < 6; call++) {
    assert.deepEqual(await transactions.read(statement, { key: 'numbers' }), [{ number: 0 }]);
  }
  assert.equal(transactions.breaker.getState(), 'OPEN');
  assert.deepEqual(await transactions.read(statement, { degraded: () => [] }), []);
  await assert.rejects(transactions.read(statement), { code: 'ERR_CIRCUIT_OPEN' });
  assert.equal(await transactions.atomic(add, () => 'degraded'), 'degraded');
  const { isReachable, state } = await transactions.health();
  assert.deepEqual([isReachable, state], [false, 'OPEN']);
});

test('a database that hangs is given up after the time limit, and its transaction is rolled back', async () => {
  transactions.breaker.update({ timeout: 200 });
  const answer = transactions.atomic(async (connection) => {
    await add(connection);
    database.behave('hang');
    await connection.query('SELECT 1');
  });
  await assert.rejects(answer, { code: 'ERR_CALL_TIMEOUT' });
  database.behave('up');
  transactions.breaker.update({ timeout: 10_000 });
  assert.equal(await number(), 0);
});

test('the tables record metrics and state changes, and their functions add them up and delete old ones', async () => {
  const breaker = transactions.breaker.engine;
  const metrics = postgresMetrics({ pool: program.database, sources: [breaker], interval: 3_600_000 });
  await metrics.record();
  await metrics.setUp();
  await metrics.setUp();
  await transactions.atomic(add);
  breaker.open();
  breaker.reset();
  await metrics.record();
  const rows = async (text: string) => (await program.database.query(text)).rows;
  const [health] = await rows('SELECT circuit_name, state, calls FROM get_circuit_breaker_health()');
  assert.deepEqual([health.circuit_name, health.state], ['database', 'CLOSED']);
  assert.ok(Number(health.calls) >= 1);
  const [hour] = await rows('SELECT * FROM get_circuit_breaker_dashboard_metrics()');
  assert.equal(hour.openings, '1');
  const changes = await rows(
    'SELECT from_state, to_state, reason FROM circuit_breaker_events ORDER BY occurred_at, from_state',
  );
  assert.deepEqual(changes.at(-1), { from_state: 'OPEN', to_state: 'CLOSED', reason: 'reset' });
  await program.database.query(`SELECT create_circuit_breaker_metrics_partition((now() - interval '32 days')::date);
    INSERT INTO circuit_breaker_events (occurred_at, circuit_name, from_state, to_state, reason)
    VALUES (now() - interval '32 days', 'database', 'CLOSED', 'OPEN', 'failure-threshold')`);
  const [deleted] = await rows('SELECT cleanup_circuit_breaker_metrics() AS number');
  assert.equal(deleted.number, '1');
  await metrics.close();
});
