import type { InsertedMessage, NewMessage } from 'fusewire/kit';
import type { QueueReceiptStatus } from 'fusewire/queue';
import { run } from '../connection.ts';
import type { PostgresPool } from '../connection.ts';

/** Code of the error of a transaction that was ended, because others waited for it while it waited for them. */
const DEADLOCK = '40P01';
/** Times that messages are added again after such an error. */
const MAX_REPETITIONS = 5;

/** Whether a message is under a lease. */
export const IS_LEASED = 'NOT dead AND token IS NOT NULL AND available_at > clock_timestamp()';

/** Statements that add messages to a table. */
interface Statements {
  readonly insert: string;
  /** The same, in the order of commits for each group. */
  readonly insertInOrder: string;
  readonly find: string;
}

interface AddedRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly isNew: boolean;
}

interface FoundRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly status: QueueReceiptStatus;
}

/** Adds messages to a table. */
export class MessageInserts {
  readonly #statements: Statements;

  /** @param table quoted name, with the schema if there is one. */
  constructor(table: string) {
    this.#statements = {
      insert: insertInto(table, ''),
      insertInOrder: insertInto(table, lockingGroups(table, 'input')),
      find: `
        SELECT id, topic, key, CASE WHEN dead THEN 'dead' WHEN ${IS_LEASED} THEN 'running' ELSE 'waiting' END AS status
        FROM ${table} WHERE (topic, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    };
  }

  /**
   * Adds messages, or finds those with their keys. Resolves with null if more than `room` would be added.
   *
   * @param isTransaction whether the program has begun a transaction on the connection. An error then ends it.
   */
  async insert(
    client: PostgresPool,
    messages: readonly NewMessage[],
    room: number,
    isTransaction: boolean,
  ): Promise<readonly InsertedMessage[] | null> {
    if (messages.length > room) {
      const found = await this.#find(client, messages);
      if (messages.length - found.length > room) return null;
    }
    const inserted = new Map<string, InsertedMessage>();
    let missing = messages;
    while (missing.length > 0) {
      for (const { id, topic, key, isNew } of await this.#add(client, missing, isTransaction)) {
        inserted.set(nameOf(topic, key), { id, status: isNew ? 'new' : 'revived' });
      }
      missing = missing.filter(({ topic, key }) => !inserted.has(nameOf(topic, key)));
      if (missing.length === 0) break;
      const found = new Map((await this.#find(client, missing)).map((row) => [nameOf(row.topic, row.key), row]));
      // Another process may have completed or buried a message between the two statements: add it again.
      missing = missing.filter(({ topic, key, revives }) => {
        const row = found.get(nameOf(topic, key));
        if (row === undefined || (row.status === 'dead' && revives)) return true;
        inserted.set(nameOf(topic, key), { id: row.id, status: row.status });
        return false;
      });
    }
    return messages.map(({ topic, key }) => inserted.get(nameOf(topic, key)) as InsertedMessage);
  }

  async #add(client: PostgresPool, messages: readonly NewMessage[], isTransaction: boolean): Promise<AddedRow[]> {
    const { insert, insertInOrder } = this.#statements;
    const column = <Name extends keyof NewMessage>(name: Name) => messages.map((message) => message[name]);
    const columns = (['topic', 'key', 'payload', 'priority', 'group', 'delay', 'revives'] as const).map(column);
    const statement = messages.some(({ group }) => group !== null) ? insertInOrder : insert;
    for (let repetitions = 0; ; repetitions++) {
      try {
        return (await run(client, statement, columns)).rows as AddedRow[];
      } catch (error) {
        // Two batches with the same keys in another order waited for each other, and this one was undone.
        const isDeadlock = (error as { readonly code?: unknown }).code === DEADLOCK;
        if (!isDeadlock || isTransaction || repetitions === MAX_REPETITIONS) throw error;
      }
    }
  }

  async #find(client: PostgresPool, messages: readonly NewMessage[]): Promise<FoundRow[]> {
    const topics = messages.map(({ topic }) => topic);
    const keys = messages.map(({ key }) => key);
    return (await run(client, this.#statements.find, [topics, keys])).rows as FoundRow[];
  }
}

/**
 * Returns the definition of `locked`, which waits until no other transaction adds messages to the groups in `source`. The
 * messages of a group thus become visible in the order of their ids, so that none appears before one that runs.
 */
export function lockingGroups(table: string, source: string): string {
  return `locked AS MATERIALIZED (
    SELECT count(pg_advisory_xact_lock(hash)) AS count FROM (
      SELECT DISTINCT hashtextextended('${table}' || length(topic) || ':' || topic || group_name, 0) AS hash
      FROM ${source} WHERE group_name IS NOT NULL ORDER BY hash
    ) AS groups
  )`;
}

function insertInto(table: string, locking: string): string {
  return `
    WITH input AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::float8[], $7::boolean[])
        WITH ORDINALITY AS input (topic, key, payload, priority, group_name, delay, revives, number)
    )${locking === '' ? '' : `, ${locking}`}
    INSERT INTO ${table} AS message (topic, key, payload, priority, group_name, available_at)
    SELECT topic, key, payload, priority, group_name, clock_timestamp() + delay * interval '1 millisecond'
    FROM input ${locking === '' ? '' : 'WHERE (SELECT count FROM locked) >= 0'} ORDER BY number
    ON CONFLICT (topic, key) DO UPDATE SET payload = excluded.payload, priority = excluded.priority, dead = false,
      group_name = excluded.group_name, position = excluded.id, available_at = excluded.available_at, dead_at = NULL,
      enqueued_at = clock_timestamp(), attempts = 0, abandoned = 0, last_error = NULL
    WHERE message.dead AND EXISTS (
      SELECT FROM input WHERE input.topic = message.topic AND input.key = message.key AND input.revives
    )
    RETURNING id, topic, key, xmax = 0 AS "isNew"`;
}

function nameOf(topic: string, key: string): string {
  return `${topic.length}:${topic}${key}`;
}
