import type { LetterFilter, LetterPage, LetterRange, StoredMessage } from 'fusewire/kit';
import { lockingGroups } from './inserts.ts';

/** Time at which a message became a dead letter. Releases that know no groups do not store it. */
const DIED = 'coalesce(dead_at, enqueued_at)';
const MILLISECOND = `interval '1 millisecond'`;

/** Runs a statement, and returns its rows. */
type Execute = (text: string, values: unknown[]) => Promise<unknown[]>;

interface LetterRow {
  readonly id: string;
  /** Time of death, in microseconds. */
  readonly died: string;
  readonly deadFor: number;
}

/** Dead letters of a table. */
export class DeadLetterTable<Row> {
  readonly #execute: Execute;
  readonly #table: string;
  readonly #columns: string;
  readonly #toMessage: (row: Row) => StoredMessage;

  /**
   * @param table quoted name, with the schema if there is one.
   * @param columns columns that `toMessage` needs, among them `id`.
   */
  constructor(execute: Execute, table: string, columns: string, toMessage: (row: Row) => StoredMessage) {
    this.#execute = execute;
    this.#table = table;
    this.#columns = columns;
    this.#toMessage = toMessage;
  }

  async page(filter: LetterFilter, { limit, after, newestFirst }: LetterRange): Promise<LetterPage> {
    const [order, comparison] = newestFirst ? ['DESC', '<'] : ['ASC', '>'];
    const { where, values } = await this.#conditions(filter);
    const begin = after === undefined ? '' : `AND (${DIED}, id) ${comparison} (${atOf(values.length)})`;
    if (after !== undefined) values.push(after.at, idOf(after.id));
    values.push(limit + 1);
    const rows = (await this.#execute(
      `SELECT ${this.#columns}, (extract(epoch FROM ${DIED}) * 1000000)::bigint AS died,
         greatest(0, extract(epoch FROM clock_timestamp() - ${DIED}) * 1000)::float8 AS "deadFor"
       FROM ${this.#table} WHERE ${where} ${begin} ORDER BY ${DIED} ${order}, id ${order} LIMIT $${values.length}`,
      values,
    )) as (Row & LetterRow)[];
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      letters: page.map((row) => ({ ...this.#toMessage(row), deadFor: row.deadFor })),
      next: last !== undefined && rows.length > limit ? { at: Number(last.died), id: last.id } : null,
    };
  }

  async revive(filter: LetterFilter, limit: number): Promise<number> {
    const { where, values } = await this.#conditions(filter);
    values.push(limit);
    const rows = await this.#execute(
      `WITH chosen AS (
         SELECT id, topic, group_name, ${DIED} AS died FROM ${this.#table} WHERE ${where} ORDER BY ${DIED}, id LIMIT $${values.length}
       ), ${lockingGroups(this.#table, 'chosen')}, placed AS MATERIALIZED (
         SELECT id AS chosen_id,
           CASE WHEN group_name IS NOT NULL THEN nextval(pg_get_serial_sequence('${this.#table}', 'id')) END AS place
         FROM (SELECT * FROM chosen ORDER BY died, id) AS ordered WHERE (SELECT count FROM locked) >= 0
       )
       UPDATE ${this.#table} SET dead = false, attempts = 0, abandoned = 0, available_at = clock_timestamp(),
         enqueued_at = clock_timestamp(), dead_at = NULL, position = place
       FROM placed WHERE id = chosen_id AND dead RETURNING id`,
      values,
    );
    return rows.length;
  }

  async discard(filter: LetterFilter, limit: number): Promise<number> {
    const { where, values } = await this.#conditions(filter);
    values.push(limit);
    const rows = await this.#execute(
      `DELETE FROM ${this.#table} WHERE dead AND id IN
         (SELECT id FROM ${this.#table} WHERE ${where} ORDER BY ${DIED}, id LIMIT $${values.length}) RETURNING id`,
      values,
    );
    return rows.length;
  }

  async #conditions({ topic, ids, error, olderThan }: LetterFilter): Promise<{ where: string; values: unknown[] }> {
    const parts: string[] = ['dead'];
    const values: unknown[] = [];
    const add = (value: unknown, part: (parameter: string) => string) => {
      values.push(value);
      parts.push(part(`$${values.length}`));
    };
    if (topic !== undefined) add(topic, (parameter) => `topic = ${parameter}`);
    if (ids !== undefined) add(ids.filter(isId), (parameter) => `id = ANY (${parameter}::bigint[])`);
    if (error !== undefined) add(error, (parameter) => `strpos(last_error, ${parameter}) > 0`);
    if (olderThan !== undefined) {
      // Dead letters of earlier releases have no time of death, and are not taken for old ones.
      await this.#execute(
        `UPDATE ${this.#table} SET dead_at = clock_timestamp() WHERE dead AND dead_at IS NULL RETURNING id`,
        [],
      );
      add(olderThan, (parameter) => `${DIED} <= clock_timestamp() - ${parameter}::float8 * ${MILLISECOND}`);
    }
    return { where: parts.join(' AND '), values };
  }
}

/** Returns the SQL of a position in the order of the dead letters, whose parts are the next two parameters. */
function atOf(parameters: number): string {
  return `'epoch'::timestamptz + $${parameters + 1}::float8 * interval '1 microsecond', $${parameters + 2}::bigint`;
}

/** Returns the id of a position, or throws if it is that of another queue. */
function idOf(id: string): string {
  if (isId(id)) return id;
  throw new RangeError('Queue: after must be the value next of a page');
}

function isId(id: string): boolean {
  return /^[1-9]\d{0,17}$/.test(id);
}
