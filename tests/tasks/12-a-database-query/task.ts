import assert from 'node:assert/strict';
import pg from 'pg';
import { startPostgres } from '../../queues/servers.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(pool: pg.Pool, text: string): Promise<pg.QueryResult>;
}

export const task: Task<Solution> = {
  title: 'Protect the queries of a database',
  ideal: 1,
  async check(t, { ask }) {
    const server = await startPostgres();
    let isRunning = true;
    const stop = async () => {
      if (isRunning) await server.stop();
      isRunning = false;
    };
    t.after(stop);
    const pool = new pg.Pool({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
    pool.on('error', () => undefined);
    t.after(() => pool.end());
    await ask(pool, 'CREATE TABLE customers (id integer PRIMARY KEY); INSERT INTO customers VALUES (1)');
    for (let calls = 0; calls < 20; calls++) {
      await assert.rejects(ask(pool, 'INSERT INTO customers VALUES (1)'), { code: '23505' });
    }
    await stop();
    for (let calls = 0; calls < 40; calls++) await ask(pool, 'SELECT 1').catch(() => undefined);
    await assert.rejects(ask(pool, 'SELECT 1'), /open/i);
  },
};
