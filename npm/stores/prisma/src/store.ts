import { asPage, eventMatcher } from '@fusewire/operations/events';
import type { EventPage, EventSink, OperationsEvent, SinkQuery } from '@fusewire/operations/events';
import type { Columns } from './columns.ts';
import type { Model, Row, Where } from './model.ts';

/** Rows that one statement reads or deletes: databases limit the parameters of a statement. */
const ROWS_AT_ONCE = 500;

/** Attempts to store a batch of which another process stores events at the same time. */
const ATTEMPTS = 3;

/** Code of Prisma for a value that exists already. */
const NOT_UNIQUE = 'P2002';

/** Sink of events in one model of Prisma. */
export class PrismaEventStore implements EventSink {
  readonly name = 'prisma';
  readonly #model: Model;
  readonly #columns: Columns;

  constructor(model: Model, columns: Columns) {
    this.#model = model;
    this.#columns = columns;
  }

  async append(events: readonly OperationsEvent[]): Promise<void> {
    let rows = [...new Map(events.map((event) => [event.id, this.#columns.rowOf(event)])).values()];
    for (let attempt = 1; rows.length > 0; attempt++) {
      try {
        // Prisma stores all or none. It has `skipDuplicates` for some databases only.
        await this.#model.createMany({ data: rows });
        return;
      } catch (error) {
        if ((error as { code?: unknown } | null)?.code !== NOT_UNIQUE || attempt === ATTEMPTS) throw error;
        const stored = await this.#stored(rows.map((row) => row['id']));
        rows = rows.filter((row) => !stored.has(row['id']));
      }
    }
  }

  async read(query: SinkQuery): Promise<EventPage> {
    const { limit, order } = query;
    const orderBy = { id: order === 'oldest' ? 'asc' : 'desc' };
    const conditions = this.#columns.conditionsOf(query);
    // Databases differ in how they compare texts, so the conditions of the query only narrow the search.
    const matches = eventMatcher(query);
    const found: OperationsEvent[] = [];
    // The first rows are enough if all of them match.
    for (let { cursor } = query, take = limit; ; take = ROWS_AT_ONCE) {
      const beyond: readonly Where[] =
        cursor === null ? [] : [{ id: order === 'oldest' ? { gt: cursor } : { lt: cursor } }];
      const rows = await this.#model.findMany({ where: { AND: [...conditions, ...beyond] }, orderBy, take });
      for (const row of rows) {
        const event = this.#columns.eventOf(row);
        if (event !== undefined && matches(event)) found.push(event);
      }
      if (found.length >= limit || rows.length < take) return asPage(found, limit);
      cursor = rows.at(-1)?.['id'] as string;
    }
  }

  async clean(before: number): Promise<number> {
    const { time, identifying } = this.#columns;
    const select = Object.fromEntries([...identifying, time].map((column) => [column, true]));
    const old: Where = { [time]: { lt: new Date(Math.ceil(before)) } };
    let deleted = 0;
    for (let last = ''; ;) {
      const where = { AND: [old, { id: { gt: last } }] };
      const rows = await this.#model.findMany({ where, orderBy: { id: 'asc' }, take: ROWS_AT_ONCE, select });
      // The table may have rows of the program's own, which stay.
      const ids = rows.filter((row) => this.#columns.eventOf(row) !== undefined).map((row) => row['id']);
      if (ids.length > 0) deleted += (await this.#model.deleteMany({ where: { id: { in: ids } } })).count;
      if (rows.length < ROWS_AT_ONCE) return deleted;
      last = rows.at(-1)?.['id'] as string;
    }
  }

  /** The client is the program's own, and stays connected. */
  async close(): Promise<void> {}

  async #stored(ids: readonly unknown[]): Promise<Set<unknown>> {
    const stored = new Set<unknown>();
    for (let start = 0; start < ids.length; start += ROWS_AT_ONCE) {
      const where = { id: { in: ids.slice(start, start + ROWS_AT_ONCE) } };
      const rows: readonly Row[] = await this.#model.findMany({ where, orderBy: { id: 'asc' }, select: { id: true } });
      for (const row of rows) stored.add(row['id']);
    }
    return stored;
  }
}
