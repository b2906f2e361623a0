import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Results, Transaction } from '@electric-sql/pglite';
import type { Connection, Database, Result } from './database.ts';

/** Type of 64-bit integers. They are strings, as with `pg`. */
const INT8 = 20;

/**
 * Returns a PostgreSQL that runs in this process, with one connection. It starts at once, which takes a few seconds.
 *
 * @param folder folder of its files, or `''` for memory.
 */
export function embeddedDatabase(folder: string): Database {
  if (folder !== '') mkdirSync(path.dirname(path.resolve(folder)), { recursive: true });
  const started = PGlite.create({ ...(folder !== '' && { dataDir: folder }), parsers: { [INT8]: String } });
  // Statements reject with the error; without this, one that comes before the first would end the process.
  started.catch(() => undefined);
  return {
    query: async (statement) => connectionOf(await started).query(statement),
    transaction: async (work) => (await started).transaction((transaction) => work(connectionOf(transaction))),
    close: async () => (await started).close(),
  };
}

function connectionOf(database: PGlite | Transaction): Connection {
  return {
    async query(statement) {
      if (typeof statement === 'string') return resultOf((await database.exec(statement)).at(-1));
      return resultOf(await database.query(statement.text, statement.values ?? []));
    },
  };
}

function resultOf(results: Results | undefined): Result {
  const { rows = [], affectedRows = 0 } = results ?? {};
  return { rows, rowCount: Math.max(rows.length, affectedRows) };
}
