import Database from 'better-sqlite3';

/** Opens the database of the program: its payments, and the event log beside them. */
export function openDatabase(path) {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, service TEXT NOT NULL, reference TEXT, amount REAL, status TEXT NOT NULL
  ) STRICT`);
  // A callback may come before the answer to the request that it belongs to.
  const insert = database.prepare(`INSERT INTO payments VALUES (?, ?, ?, ?, 'pending')
    ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, amount = excluded.amount`);
  const update = database.prepare(`INSERT INTO payments VALUES (?, ?, NULL, NULL, ?)
    ON CONFLICT (id) DO UPDATE SET status = excluded.status WHERE status = 'pending'`);
  const select = database.prepare('SELECT * FROM payments WHERE id = ?');
  return {
    database,
    payments: {
      add: ({ id, service, reference = null, amount = null }) => insert.run(id, service, reference, amount),
      /** Settles a pending payment. Returns whether it was pending. */
      settle: (id, service, status) => update.run(id, service, status).changes === 1,
      find: (id) => select.get(id),
    },
    check: () => database.prepare('SELECT 1').get() !== undefined,
    close: () => database.close(),
  };
}
