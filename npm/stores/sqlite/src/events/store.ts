import { asPage, listOf, severitiesFrom } from '@fusewire/operations/events';
import type { EventPage, EventSink, JsonObject, OperationsEvent, SinkQuery } from '@fusewire/operations/events';
import type { SqliteConnection } from '../connection.ts';
import { SqliteWriter } from '../queue/writer.ts';

type Row = Omit<OperationsEvent, 'details'> & { readonly details: string };

const COLUMNS = [
  ...['id', 'time', 'kind', 'severity', 'breaker', 'policy', 'instance', 'actor', 'reason', 'count', 'summary'],
  'details',
] as const satisfies readonly (keyof Row)[];

/** Events that one transaction deletes. */
const CLEANED_AT_ONCE = 500;

/** Sink of events in one SQLite table. */
export class SqliteEventStore implements EventSink {
  readonly name = 'sqlite';
  readonly #database: SqliteConnection;
  readonly #table: string;
  readonly #writer: SqliteWriter;
  readonly #close: () => unknown;
  readonly #insert;
  readonly #delete;

  constructor(database: SqliteConnection, table: string, busyTimeout: number, close: () => unknown = () => undefined) {
    this.#database = database;
    this.#table = `"${table}"`;
    this.#writer = new SqliteWriter(database, busyTimeout, 'Event sink sqlite');
    this.#close = close;
    const places = COLUMNS.map(() => '?').join(', ');
    this.#insert = database.prepare(
      `INSERT INTO ${this.#table} (${COLUMNS.join(', ')}) VALUES (${places}) ON CONFLICT (id) DO NOTHING`,
    );
    this.#delete = database.prepare(
      `DELETE FROM ${this.#table} WHERE rowid IN
         (SELECT rowid FROM ${this.#table} WHERE time < ? ORDER BY time LIMIT ${CLEANED_AT_ONCE})`,
    );
  }

  async append(events: readonly OperationsEvent[]): Promise<void> {
    await this.#writer.write(() => {
      for (const event of events) {
        const { details, ...columns } = event;
        const row: Row = { ...columns, details: JSON.stringify(details) };
        this.#insert.run(...COLUMNS.map((column) => row[column]));
      }
    });
  }

  async read(query: SinkQuery): Promise<EventPage> {
    const { where, values } = conditionsOf(query);
    const direction = query.order === 'oldest' ? 'ASC' : 'DESC';
    const sql = `SELECT ${COLUMNS.join(', ')} FROM ${this.#table} ${where} ORDER BY id ${direction} LIMIT ?`;
    const rows = this.#database.prepare(sql).all(...values, query.limit) as Row[];
    const events = rows.map((row) => ({ ...row, details: JSON.parse(row.details) as JsonObject }));
    return asPage(events, query.limit);
  }

  async clean(before: number): Promise<number> {
    let deleted = 0;
    for (;;) {
      const { changes } = await this.#writer.write(() => this.#delete.run(before));
      deleted += changes;
      // Calls and other writers have their turn between two transactions.
      if (changes < CLEANED_AT_ONCE) return deleted;
    }
  }

  async close(): Promise<void> {
    await this.#writer.idle();
    if (this.#database.open) this.#close();
  }
}

/** Returns the condition of a query, and the values of its parameters. */
function conditionsOf(query: SinkQuery): { readonly where: string; readonly values: readonly unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (condition: string, ...parameters: readonly unknown[]): void => {
    conditions.push(condition);
    values.push(...parameters);
  };
  const oneOf = (column: string, texts: readonly unknown[] | undefined): void => {
    if (texts !== undefined) add(`${column} IN (${texts.map(() => '?').join(', ')})`, ...texts);
  };
  const { cursor, order, since, until, severity } = query;
  if (cursor !== null) add(order === 'oldest' ? 'id > ?' : 'id < ?', cursor);
  for (const column of ['breaker', 'instance', 'actor'] as const) {
    if (query[column] !== undefined) oneOf(column, listOf(query[column]));
  }
  if (severity !== undefined) oneOf('severity', severitiesFrom(severity));
  if (since !== undefined) add('time >= ?', since);
  if (until !== undefined) add('time < ?', until);
  if (query.kind !== undefined) {
    const kinds = listOf(query.kind).map((kind) =>
      // Not LIKE: it ignores the case, and takes % and _ for any text.
      kind.endsWith('*')
        ? { sql: 'substr(kind, 1, length(?)) = ?', values: [kind.slice(0, -1), kind.slice(0, -1)] }
        : { sql: 'kind = ?', values: [kind] },
    );
    add(`(${kinds.map(({ sql }) => sql).join(' OR ') || '0'})`, ...kinds.flatMap((kind) => kind.values));
  }
  return { where: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '', values };
}
