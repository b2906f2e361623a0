/** Statement with parameters. */
export interface Statement {
  readonly name?: string | undefined;
  readonly text: string;
  readonly values?: unknown[] | undefined;
}

/** Result of a statement. */
export interface Result {
  // Columns differ from statement to statement.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly rows: any[];
  readonly rowCount: number | null;
}

/** Connection to a database. */
export interface Connection {
  /** Runs a statement. Text alone may have several statements, which are then one transaction. */
  query(statement: string | Statement): Promise<Result>;
}

/** Database: that of a server, or an embedded one. */
export interface Database extends Connection {
  /**
   * Runs `work` in one transaction, once. Resolves if, and only if, it was committed. Rejects with a `CommitUnknownError` if
   * nobody can say whether it was; otherwise, it was not.
   */
  transaction<T>(work: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

/** Error of a transaction whose commit was not answered, and whose fate the database does not tell. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError';
}

/** SQLSTATEs of failures that pass: serialisation failures, deadlocks, a server that starts or stops, too many connections. */
const PASSING_STATES = new Set(['40001', '40P01', '53300', '57P01', '57P02', '57P03']);

/** Whether the database has answered with an error, such as that of a constraint. */
export function isAnswer(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(codeOf(error)) && !isPassing(error);
}

/** Whether a transaction that ended with this error was not committed, and may succeed when it is run again. */
export function isPassing(error: unknown): boolean {
  if (error instanceof CommitUnknownError) return false;
  const code = codeOf(error);
  if (PASSING_STATES.has(code) || code.startsWith('08')) return true;
  if (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code)) return true;
  // pg gives no code to connections that end.
  return error instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(error.message);
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
