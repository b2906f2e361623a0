import { asPage, listOf, severitiesFrom } from '@fusewire/operations/events';
import type { EventPage, EventSink, OperationsEvent, SinkQuery } from '@fusewire/operations/events';
import { run } from '../connection.ts';
import type { PostgresPool } from '../connection.ts';
import { COLUMNS, createPartition, dropPartition, partitionsBefore, prepareEvents, weekOf } from './schema.ts';
import type { EventTables } from './schema.ts';

/** Events that one statement deletes. */
const CLEANED_AT_ONCE = 1_000;
/** Code of the error for a row that no partition takes. */
const NO_PARTITION = '23514';

/** Sink of events in a PostgreSQL table with a partition for each week. */
export class PostgresEventStore implements EventSink {
  readonly name = 'postgres';
  readonly #pool: PostgresPool;
  readonly #tables: EventTables;
  readonly #mayCreate: boolean;
  readonly #close: () => unknown;
  /** Names of the partitions that exist, as far as is known. */
  readonly #partitions = new Set<string>();
  #prepared: Promise<void> | undefined;

  constructor(pool: PostgresPool, tables: EventTables, mayCreate: boolean, close: () => unknown = () => undefined) {
    this.#pool = pool;
    this.#tables = tables;
    this.#mayCreate = mayCreate;
    this.#close = close;
  }

  async append(events: readonly OperationsEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.#prepare();
    try {
      await this.#createPartitions(events);
      await this.#insert(events);
    } catch (error) {
      if ((error as { code?: unknown }).code !== NO_PARTITION) throw error;
      // Another process has deleted the partition of an old event.
      this.#partitions.clear();
      await this.#createPartitions(events);
      await this.#insert(events);
    }
  }

  async read(query: SinkQuery): Promise<EventPage> {
    await this.#prepare();
    const { where, values } = conditionsOf(query);
    const direction = query.order === 'oldest' ? 'ASC' : 'DESC';
    const { rows } = await this.#pool.query({
      text: `SELECT ${COLUMNS} FROM ${this.#tables.table} ${where} ORDER BY id ${direction} LIMIT ${query.limit}`,
      values,
    });
    return asPage(rows as OperationsEvent[], query.limit);
  }

  async clean(before: number): Promise<number> {
    await this.#prepare();
    let deleted = 0;
    for (const name of await partitionsBefore(this.#pool, this.#tables, before)) {
      this.#partitions.delete(name);
      deleted += await dropPartition(this.#pool, this.#tables, name);
    }
    const { table } = this.#tables;
    for (;;) {
      const { rowCount } = await run(
        this.#pool,
        `DELETE FROM ${table} WHERE (id, created_at) IN (SELECT id, created_at FROM ${table}
           WHERE created_at < to_timestamp($1::float8 / 1000) ORDER BY created_at LIMIT ${CLEANED_AT_ONCE})`,
        [before],
      );
      deleted += rowCount ?? 0;
      if ((rowCount ?? 0) < CLEANED_AT_ONCE) return deleted;
    }
  }

  async close(): Promise<void> {
    await this.#close();
  }

  /** Creates the table with the first use. After a failure the next use tries again. */
  #prepare(): Promise<void> {
    this.#prepared ??= prepareEvents(this.#pool, this.#tables, this.#mayCreate).catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #createPartitions(events: readonly OperationsEvent[]): Promise<void> {
    const weeks = new Map(events.map(({ time }) => weekOf(this.#tables.name, time)).map((week) => [week.name, week]));
    for (const [name, week] of weeks) {
      if (this.#partitions.has(name)) continue;
      await createPartition(this.#pool, this.#tables, week);
      this.#partitions.add(name);
    }
  }

  async #insert(events: readonly OperationsEvent[]): Promise<void> {
    await run(
      this.#pool,
      `INSERT INTO ${this.#tables.table}
         (id, created_at, kind, severity, breaker, policy, instance, actor, reason, count, summary, details)
       SELECT id, to_timestamp(time / 1000), kind, severity, breaker, policy, instance, actor, reason, count, summary, details
       FROM jsonb_to_recordset($1::jsonb) AS event(id text, time float8, kind text, severity text, breaker text,
         policy text, instance text, actor text, reason text, count bigint, summary text, details jsonb)
       ON CONFLICT (id, created_at) DO NOTHING`,
      [JSON.stringify(events)],
    );
  }
}

/** Returns the condition of a query, and the values of its parameters. */
function conditionsOf(query: SinkQuery): { readonly where: string; readonly values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const { cursor, order, since, until, severity } = query;
  if (cursor !== null) conditions.push(`id ${order === 'oldest' ? '>' : '<'} ${place(cursor)}`);
  for (const column of ['breaker', 'instance', 'actor'] as const) {
    if (query[column] !== undefined) conditions.push(`${column} = ANY(${place(listOf(query[column]))}::text[])`);
  }
  if (severity !== undefined) conditions.push(`severity = ANY(${place(severitiesFrom(severity))}::text[])`);
  if (since !== undefined) conditions.push(`created_at >= ${timestamp(place(within(since)))}`);
  if (until !== undefined) conditions.push(`created_at < ${timestamp(place(within(until)))}`);
  if (query.kind !== undefined) {
    const kinds = listOf(query.kind);
    const exact = place(kinds.filter((kind) => !kind.endsWith('*')));
    const beginnings = kinds.filter((kind) => kind.endsWith('*')).map((kind) => kind.slice(0, -1));
    const all = [`kind = ANY(${exact}::text[])`, ...beginnings.map((text) => `starts_with(kind, ${place(text)})`)];
    conditions.push(`(${all.join(' OR ')})`);
  }
  return { where: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '', values };
}

function timestamp(parameter: string): string {
  return `to_timestamp(${parameter}::float8 / 1000)`;
}

/** Times that PostgreSQL can represent. */
function within(time: number): number {
  return Math.min(Math.max(time, -1e14), 8e15);
}
