import type { StoreCheck } from 'fusewire/kit';

/** Settings of the server and the session, as PostgreSQL names them. */
export interface PostgresSettings {
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly full_page_writes: string;
}

/** Query for {@link PostgresSettings}. */
export const SETTINGS = `
  SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('full_page_writes') AS full_page_writes`;

/** Checks the settings that decide on the durability of messages. */
export function checkSettings({ fsync, synchronous_commit, full_page_writes }: PostgresSettings): StoreCheck {
  const problems: string[] = [];
  if (fsync === 'off') problems.push('The setting fsync is off: a crash of the machine can destroy the database.');
  if (synchronous_commit === 'off') {
    problems.push('The setting synchronous_commit is off: a crash of the server can undo the latest messages.');
  }
  if (fsync !== 'off' && full_page_writes === 'off') {
    problems.push('The setting full_page_writes is off: a crash of the machine can destroy the database.');
  }
  return { durability: problems.length > 0 ? 'process' : 'power loss', problems, unknown: [] };
}
