import type { ErrorKind } from './errors.ts';
import { messageOf, propertyOf } from './linked-errors.ts';

/** Kind of a database client's error, and whether the same call may succeed later. */
export interface DatabaseClassification {
  readonly kind: ErrorKind;
  readonly retriable: boolean;
  /** Whether the query may have been carried out. */
  readonly outcomeUnknown?: boolean;
}

const SERVER: DatabaseClassification = { kind: 'server', retriable: true };
const NETWORK: DatabaseClassification = { kind: 'network', retriable: true };
const TIMEOUT: DatabaseClassification = { kind: 'timeout', retriable: true };
const BROKEN_CONNECTION: DatabaseClassification = { ...NETWORK, outcomeUnknown: true };
const QUERY_TIMEOUT: DatabaseClassification = { ...TIMEOUT, outcomeUnknown: true };
const ABORTED: DatabaseClassification = { kind: 'aborted', retriable: false };
const INVALID_QUERY: DatabaseClassification = { kind: 'client', retriable: false };
/** Conflict with another transaction: a deadlock, a lock, a serialization failure. */
const CONFLICT: DatabaseClassification = { kind: 'client', retriable: true };

/** SQLSTATE codes, and classes of them by their first two characters (PostgreSQL, appendix A). */
const SQL_STATES: Readonly<Record<string, DatabaseClassification>> = {
  '08': BROKEN_CONNECTION,
  '08001': NETWORK,
  '08003': NETWORK,
  '08004': NETWORK,
  '25006': SERVER,
  '40': CONFLICT,
  '40003': BROKEN_CONNECTION,
  '53': SERVER,
  '55P03': CONFLICT,
  '57': SERVER,
  // The server cancels the statement, and nothing of it remains.
  '57014': { ...TIMEOUT, outcomeUnknown: false },
  '57P01': { ...SERVER, outcomeUnknown: true },
  '57P02': { ...SERVER, outcomeUnknown: true },
  '58': SERVER,
  XX: SERVER,
};

/** Prisma codes that are not the caller's mistake; every other one is. */
const PRISMA_CODES: Readonly<Record<string, DatabaseClassification>> = {
  P1001: NETWORK,
  P1002: TIMEOUT,
  P1008: QUERY_TIMEOUT,
  P1011: NETWORK,
  P1017: BROKEN_CONNECTION,
  P2024: TIMEOUT,
  P2034: CONFLICT,
  P2037: SERVER,
  P6004: QUERY_TIMEOUT,
  P6008: NETWORK,
};

/** Messages of a Prisma driver adapter's errors. */
const ADAPTER_MESSAGES: Readonly<Record<string, DatabaseClassification>> = {
  ConnectionClosed: BROKEN_CONNECTION,
  DatabaseNotReachable: NETWORK,
  SocketTimeout: QUERY_TIMEOUT,
  TooManyConnections: SERVER,
  TransactionWriteConflict: CONFLICT,
};

/** Prisma's code for a failed raw query. The linked error of the adapter has the reason. */
const RAW_QUERY_FAILED = 'P2010';

/** First words of Redis error replies that are not the caller's mistake; every other one is. */
const REDIS_REPLIES: Readonly<Record<string, DatabaseClassification>> = {
  BUSY: SERVER,
  CLUSTERDOWN: SERVER,
  LOADING: SERVER,
  MASTERDOWN: SERVER,
  MISCONF: SERVER,
  NOREPLICAS: SERVER,
  OOM: SERVER,
  READONLY: SERVER,
  TRYAGAIN: SERVER,
};

/** Errors of pg and ioredis that have only a message. */
const MESSAGES: readonly (readonly [RegExp, DatabaseClassification])[] = [
  [/^Connection terminated due to connection timeout/, TIMEOUT],
  [/^timeout exceeded when trying to connect/, TIMEOUT],
  [/^(Query read|Command) time(d )?out/, QUERY_TIMEOUT],
  [/^timeout expired$/, TIMEOUT],
  [/^Connection terminated/, BROKEN_CONNECTION],
  [/^Connection is closed/, BROKEN_CONNECTION],
  [/^Client has encountered a connection error and is not queryable/, NETWORK],
  [/^Stream isn't writeable/, NETWORK],
];

const SQL_STATE = /^(\d[\dA-Z]|F0|HV|P0|XX)[\dA-Z]{3}$/;
const PRISMA_CODE = /^P\d{4}$/;

/** Returns the classification of a database's error code, or undefined if the code is none of a database. */
export function classifyDatabaseCode(code: string, message: string): DatabaseClassification | undefined {
  if (code === RAW_QUERY_FAILED) return undefined;
  if (PRISMA_CODE.test(code)) return PRISMA_CODES[code] ?? INVALID_QUERY;
  if (!SQL_STATE.test(code)) return undefined;
  // PostgreSQL uses one code for a statement timeout and for a cancelled statement.
  if (code === '57014' && /user request/.test(message)) return ABORTED;
  return SQL_STATES[code] ?? SQL_STATES[code.slice(0, 2)] ?? INVALID_QUERY;
}

/** Returns the classification of a database client's error that has no code, or undefined if it is unknown. */
export function classifyDatabaseError(error: object): DatabaseClassification | undefined {
  const name = propertyOf(error, 'name');
  const message = messageOf(error);
  if (name === 'ReplyError') return REDIS_REPLIES[/^[A-Z]+/.exec(message)?.[0] ?? ''] ?? INVALID_QUERY;
  if (name === 'MaxRetriesPerRequestError') return BROKEN_CONNECTION;
  if (name === 'DriverAdapterError') return ADAPTER_MESSAGES[message];
  return MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
}
