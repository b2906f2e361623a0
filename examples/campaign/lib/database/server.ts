import pg from 'pg';
import { CommitUnknownError, isAnswer } from './database.ts';
import type { Connection, Database, Statement } from './database.ts';

/** Times that the fate of a transaction is asked for, and the delay between two of them. */
const QUESTIONS = 20;
const QUESTION_DELAY = 50;

/** Options of {@link serverDatabase}. */
export interface ServerOptions {
  readonly connectionString: string;
  /** Most connections. */
  readonly size?: number | undefined;
}

/** Returns the database of a PostgreSQL server. It connects with the first statement. */
export function serverDatabase({ connectionString, size = 10 }: ServerOptions): Database {
  const timeouts = { connectionTimeoutMillis: 5_000, query_timeout: 8_000 };
  const pool = new pg.Pool({ connectionString, max: size, keepAlive: true, ...timeouts });
  // The next statement replaces an idle connection that breaks. Without a listener, the error would end the process.
  pool.on('error', () => undefined);
  return {
    query: (statement) => pool.query(statement as string),
    transaction: (work, signal) => transaction(pool, work, signal),
    close: () => pool.end(),
  };
}

/** Runs a transaction. If the commit is not answered, asks the server what became of it. */
async function transaction<T>(
  pool: pg.Pool,
  work: (connection: Connection) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { client, release } = await connect(pool, signal);
  let id: string | undefined;
  let value: T;
  try {
    id = idOf(await client.query('BEGIN; SELECT pg_current_xact_id()::text AS id'));
    value = await work({ query: (statement) => client.query(statement as Statement) });
  } catch (error) {
    // The server rolls back a transaction whose connection ends before its commit.
    const isUsable = isAnswer(error) && (await client.query('ROLLBACK').then(yes, no));
    release(!isUsable);
    throw error;
  }
  try {
    const { command } = await client.query('COMMIT');
    release(false);
    if (command !== 'ROLLBACK') return value;
  } catch (error) {
    release(true);
    if (isAnswer(error) || !(await wasCommitted(pool, id, error))) throw error;
    return value;
  }
  throw new Error('The transaction was rolled back, because a statement in it had failed');
}

/** Returns a connection of the pool. The abort of a signal ends it, and thereby its transaction. */
async function connect(pool: pg.Pool, signal: AbortSignal | undefined) {
  signal?.throwIfAborted();
  const client = await pool.connect();
  client.on('error', ignore);
  let isReleased = false;
  const release = (isBroken: boolean) => {
    if (isReleased) return;
    isReleased = true;
    signal?.removeEventListener('abort', onAbort);
    client.off('error', ignore);
    client.release(isBroken);
  };
  const onAbort = () => release(true);
  signal?.addEventListener('abort', onAbort);
  return { client, release };
}

/** Whether the server has committed a transaction whose connection broke. Rejects if the server does not say so. */
async function wasCommitted(pool: pg.Pool, id: string, cause: unknown): Promise<boolean> {
  for (let question = 0; question < QUESTIONS; question++) {
    const { rows } = await pool
      .query<{ status: string | null }>({ text: 'SELECT pg_xact_status($1::xid8) AS status', values: [id] })
      .catch(() => ({ rows: [] }));
    const status = rows[0]?.status;
    if (status === 'committed') return true;
    if (status === 'aborted') return false;
    // Not answered, or in progress: the server has not yet seen that the connection is lost.
    await new Promise((resolve) => setTimeout(resolve, QUESTION_DELAY));
  }
  throw new CommitUnknownError(`Nobody can say whether the transaction ${id} was committed`, { cause });
}

/** Returns the id of the transaction that a query of two statements has begun. */
function idOf(results: unknown): string {
  return (results as [unknown, { readonly rows: [{ readonly id: string }] }])[1].rows[0].id;
}

const yes = () => true;
const no = () => false;
const ignore = () => undefined;
