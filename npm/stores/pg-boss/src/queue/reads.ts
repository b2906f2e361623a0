import type { LetterFilter, LetterPage, LetterRange, StoreCheck } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import type { Db } from 'pg-boss';
import { isJobId, toMessage } from './jobs.ts';
import type { JobRow } from './jobs.ts';

/** Name of a queue in pg-boss, or the first part of the names of several. */
interface Names {
  readonly name: string;
  readonly isPrefix: boolean;
}

interface LetterRow extends JobRow {
  readonly at: number;
  readonly deadFor: number;
}

const DIED_AT = '(extract(epoch FROM completed_on) * 1000)::float8';

/** Returns the oldest dead letters that meet the conditions, and locks them. */
export async function findLetters(
  db: Db,
  table: string,
  names: Names,
  filter: LetterFilter,
  limit: number,
): Promise<JobRow[]> {
  const { conditions, values } = conditionsOf(names, filter);
  const { rows } = await db.executeSql(
    `SELECT id, data, retry_count AS "retryCount" FROM ${table} WHERE ${conditions}
     ORDER BY completed_on, id LIMIT $${values.push(limit)} FOR UPDATE SKIP LOCKED`,
    values,
  );
  return rows as JobRow[];
}

/** Returns a page of the dead letters that meet the conditions. */
export async function pageOfLetters(
  db: Db,
  table: string,
  names: Names,
  filter: LetterFilter,
  { limit, after, newestFirst }: LetterRange,
): Promise<LetterPage> {
  const { conditions, values } = conditionsOf(names, filter);
  const [order, comparison] = newestFirst ? ['DESC', '<'] : ['ASC', '>'];
  const position =
    after === undefined
      ? ''
      : `AND (${DIED_AT}, id::text) ${comparison} ($${values.push(after.at)}::float8, $${values.push(after.id)}::text)`;
  const { rows } = await db.executeSql(
    `SELECT id, data, retry_count AS "retryCount", ${DIED_AT} AS at,
       greatest(0, extract(epoch FROM clock_timestamp() - completed_on) * 1000)::float8 AS "deadFor"
     FROM ${table} WHERE ${conditions} ${position}
     ORDER BY ${DIED_AT} ${order}, id::text ${order} LIMIT $${values.push(limit + 1)}`,
    values,
  );
  const page = (rows as LetterRow[]).slice(0, limit);
  const last = page.at(-1);
  return {
    letters: page.map((row) => ({ ...toMessage(row), deadFor: row.deadFor })),
    next: last !== undefined && rows.length > limit ? { at: last.at, id: last.id } : null,
  };
}

/** Counts the messages of queues. */
export async function readSize(db: Db, table: string, names: Names): Promise<QueueSize> {
  const { rows } = await db.executeSql(
    `SELECT count(*) FILTER (WHERE state IN ('created', 'retry'))::int AS waiting,
       count(*) FILTER (WHERE state = 'active')::int AS running,
       count(*) FILTER (WHERE state = 'failed')::int AS dead,
       min((data->>'enqueuedAt')::float8) FILTER (WHERE state IN ('created', 'retry', 'active')) AS oldest
     FROM ${table} WHERE ${nameCondition(names)}`,
    [names.name],
  );
  const { oldest, ...counts } = rows[0] as Omit<QueueSize, 'oldestAge'> & { readonly oldest: number | null };
  return { ...counts, oldestAge: oldest === null ? null : Math.max(0, Date.now() - oldest) };
}

/** Reads the settings of the server that decide what a committed job survives. */
export async function readCheck(db: Db): Promise<StoreCheck> {
  const { rows } = await db.executeSql(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  const problems = (rows as { readonly name: string; readonly setting: string }[])
    .filter(({ setting }) => setting === 'off')
    .map(({ name }) => `PostgreSQL has ${name} = off: messages may be lost when its machine loses power`);
  return { durability: problems.length === 0 ? 'power loss' : 'process', problems, unknown: [] };
}

function conditionsOf(names: Names, { ids, error, olderThan }: LetterFilter) {
  const values: unknown[] = [names.name];
  const conditions = [`state = 'failed'`, nameCondition(names)];
  if (ids !== undefined) conditions.push(`id = ANY ($${values.push(ids.filter(isJobId))}::uuid[])`);
  if (error !== undefined) conditions.push(`strpos(data->>'lastError', $${values.push(error)}) > 0`);
  if (olderThan !== undefined) {
    conditions.push(`completed_on <= clock_timestamp() - $${values.push(olderThan)} * interval '1 millisecond'`);
  }
  return { conditions: conditions.join(' AND '), values };
}

/** Returns the condition for the names, of which `$1` is the value. */
function nameCondition({ isPrefix }: Names): string {
  return isPrefix ? 'starts_with(name, $1)' : 'name = $1';
}
