import type { LetterFilter, LetterPage, LetterRange, StoredMessage } from 'fusewire/kit';
import type { SqliteConnection } from '../connection.ts';

/** Time at which a message became a dead letter. Releases that know no groups do not store it. */
const DIED = 'coalesce(dead_at, enqueued_at)';

type Value = string | number;

interface LetterRow {
  readonly id: number;
  readonly died: number;
}

/** Dead letters of a table. */
export class DeadLetterTable<Row> {
  readonly #database: SqliteConnection;
  readonly #table: string;
  readonly #columns: string;
  readonly #toMessage: (row: Row) => StoredMessage;

  /**
   * @param table quoted name.
   * @param columns columns that `toMessage` needs, among them `id`.
   */
  constructor(database: SqliteConnection, table: string, columns: string, toMessage: (row: Row) => StoredMessage) {
    this.#database = database;
    this.#table = table;
    this.#columns = columns;
    this.#toMessage = toMessage;
  }

  page(filter: LetterFilter, { limit, after, newestFirst }: LetterRange, now: number): LetterPage {
    const { where, values } = this.#conditions(filter, now);
    const [order, comparison] = newestFirst ? ['DESC', '<'] : ['ASC', '>'];
    const begin = after === undefined ? '' : `AND (${DIED}, id) ${comparison} (?, ?)`;
    const rows = this.#database
      .prepare(
        `SELECT ${this.#columns}, ${DIED} AS died FROM ${this.#table} WHERE ${where} ${begin}
         ORDER BY ${DIED} ${order}, id ${order} LIMIT ?`,
      )
      .all(...values, ...(after === undefined ? [] : [after.at, idOf(after.id)]), limit + 1) as (Row & LetterRow)[];
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      letters: page.map((row) => ({ ...this.#toMessage(row), deadFor: Math.max(0, now - row.died) })),
      next: last !== undefined && rows.length > limit ? { at: last.died, id: String(last.id) } : null,
    };
  }

  revive(filter: LetterFilter, limit: number, now: number): number {
    const { where, values } = this.#conditions(filter, now);
    const name = this.#table.slice(1, -1);
    // Later messages get higher ids: the positions before them are free.
    const { seq } = this.#database
      .prepare('UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq')
      .get(limit, name) as { readonly seq: number };
    return this.#database
      .prepare(
        `UPDATE ${this.#table} SET dead = 0, attempts = 0, abandoned = 0, available_at = 0, enqueued_at = ?, dead_at = NULL,
           position = ? + number
         FROM (SELECT id AS chosen, row_number() OVER (ORDER BY ${DIED}, id) AS number FROM ${this.#table}
           WHERE ${where} ORDER BY ${DIED}, id LIMIT ?)
         WHERE id = chosen`,
      )
      .run(now, seq - limit, ...values, limit).changes;
  }

  discard(filter: LetterFilter, limit: number, now: number): number {
    const { where, values } = this.#conditions(filter, now);
    return this.#database
      .prepare(
        `DELETE FROM ${this.#table} WHERE id IN
           (SELECT id FROM ${this.#table} WHERE ${where} ORDER BY ${DIED}, id LIMIT ?)`,
      )
      .run(...values, limit).changes;
  }

  /** Sets the time of dead letters of earlier releases, which have none, so that they are not taken for old ones. */
  stamp(now: number): void {
    this.#database.prepare(`UPDATE ${this.#table} SET dead_at = ? WHERE dead = 1 AND dead_at IS NULL`).run(now);
  }

  #conditions({ topic, ids, error, olderThan }: LetterFilter, now: number): { where: string; values: Value[] } {
    const parts: string[] = ['dead = 1'];
    const values: Value[] = [];
    const add = (part: string, value: Value) => {
      parts.push(part);
      values.push(value);
    };
    if (topic !== undefined) add('topic = ?', topic);
    if (ids !== undefined) {
      const numbers = ids.map(Number).filter((id, index) => String(id) === ids[index] && Number.isSafeInteger(id));
      add('id IN (SELECT value FROM json_each(?))', JSON.stringify(numbers));
    }
    if (error !== undefined) add("instr(coalesce(last_error, ''), ?) > 0", error);
    if (olderThan !== undefined) add(`${DIED} <= ?`, now - olderThan);
    return { where: parts.join(' AND '), values };
  }
}

/** Returns the id of a position, or throws if it is that of another queue. */
function idOf(id: string): number {
  const number = Number(id);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError('Queue: after must be the value next of a page');
}
