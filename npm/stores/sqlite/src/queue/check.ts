import type { StoreCheck } from 'fusewire/kit';
import { hasFile } from '../connection.ts';
import type { SqliteConnection } from '../connection.ts';

/** Value of `PRAGMA synchronous` from which on a commit survives a loss of power. */
const FULL = 2;
/** Journal modes that cannot undo a transaction which a crash has cut. */
const NO_JOURNAL: ReadonlySet<string> = new Set(['memory', 'off']);

/** Checks the settings that decide on the durability of messages. */
export function checkDatabase(database: SqliteConnection): StoreCheck {
  if (!hasFile(database)) {
    return { durability: 'nothing', problems: ['The database is in memory, and ends with the process.'], unknown: [] };
  }
  const mode = journalMode(database);
  const { synchronous } = database.prepare('PRAGMA synchronous').get() as { readonly synchronous: number };
  const problems: string[] = [];
  if (NO_JOURNAL.has(mode)) problems.push(`The journal mode is ${mode}: a crash can destroy the database.`);
  else if (mode !== 'wal')
    problems.push(`The journal mode is ${mode}, not WAL: readers and writers wait for each other.`);
  if (synchronous < FULL) {
    problems.push('The setting synchronous is below FULL: a loss of power can undo the latest messages.');
  }
  const durability = NO_JOURNAL.has(mode) ? 'nothing' : synchronous < FULL ? 'process' : 'power loss';
  return { durability, problems, unknown: [] };
}

/** Returns the journal mode of a connection, such as `'wal'`. */
export function journalMode(database: SqliteConnection): string {
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode').get() as { readonly journal_mode: string };
  return mode;
}
