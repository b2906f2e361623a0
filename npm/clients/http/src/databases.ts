import { messageOf, propertyOf } from './chain.ts';
import type { ErrorKind } from './errors.ts';

/** What an error of a database client says: its kind, and whether the same call may succeed later. */
export interface DatabaseFinding {
  readonly kind: ErrorKind;
  readonly retriable: boolean;
}

const SERVER: DatabaseFinding = { kind: 'server', retriable: true };
const NETWORK: DatabaseFinding = { kind: 'network', retriable: true };
const TIMEOUT: DatabaseFinding = { kind: 'timeout', retriable: true };
const ABORTED: DatabaseFinding = { kind: 'aborted', retriable: false };
const REFUSED: DatabaseFinding = { kind: 'client', retriable: false };
/** Somebody else was in the way: a deadlock, a lock, a conflict. */
const CONFLICT: DatabaseFinding = { kind: 'client', retriable: true };

/** Conditions of SQL, and classes of them by their first two characters (PostgreSQL, appendix A). */
const SQL_STATES: Readonly<Record<string, DatabaseFinding>> = {
  '08': NETWORK,
  '25006': SERVER,
  '40': CONFLICT,
  '53': SERVER,
  '55P03': CONFLICT,
  '57': SERVER,
  '57014': TIMEOUT,
  '58': SERVER,
  XX: SERVER,
};

/** Codes of Prisma that are not a refusal. */
const PRISMA: Readonly<Record<string, DatabaseFinding>> = {
  P1001: NETWORK,
  P1002: TIMEOUT,
  P1008: TIMEOUT,
  P1011: NETWORK,
  P1017: NETWORK,
  P2024: TIMEOUT,
  P2034: CONFLICT,
  P2037: SERVER,
  P6004: TIMEOUT,
  P6008: NETWORK,
};

/** What the adapters of Prisma call what is not a refusal. */
const ADAPTERS: Readonly<Record<string, DatabaseFinding>> = {
  ConnectionClosed: NETWORK,
  DatabaseNotReachable: NETWORK,
  SocketTimeout: TIMEOUT,
  TooManyConnections: SERVER,
  TransactionWriteConflict: CONFLICT,
};

/** A raw query failed: why is told by the adapter. */
const UNTOLD = 'P2010';

/** How replies of Redis begin that are not a refusal. */
const REPLIES: Readonly<Record<string, DatabaseFinding>> = {
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

/** What pg and ioredis tell by their message alone. */
const MESSAGES: readonly (readonly [RegExp, DatabaseFinding])[] = [
  [/^Connection terminated due to connection timeout/, TIMEOUT],
  [/^timeout exceeded when trying to connect/, TIMEOUT],
  [/^(Query read|Command) time(d )?out/, TIMEOUT],
  [/^timeout expired$/, TIMEOUT],
  [/^Connection terminated/, NETWORK],
  [/^Connection is closed/, NETWORK],
  [/^Client has encountered a connection error and is not queryable/, NETWORK],
  [/^Stream isn't writeable/, NETWORK],
];

const SQL_STATE = /^(\d[\dA-Z]|F0|HV|P0|XX)[\dA-Z]{3}$/;
const PRISMA_CODE = /^P\d{4}$/;

/** What a code of a database says. */
export function findingOfDatabaseCode(code: string, message: string): DatabaseFinding | undefined {
  if (code === UNTOLD) return undefined;
  if (PRISMA_CODE.test(code)) return PRISMA[code] ?? REFUSED;
  if (!SQL_STATE.test(code)) return undefined;
  // The same condition, whether the statement took too long or somebody took it back.
  if (code === '57014' && /user request/.test(message)) return ABORTED;
  return SQL_STATES[code] ?? SQL_STATES[code.slice(0, 2)] ?? REFUSED;
}

/** What an error of a database client says that has no code. */
export function findingOfDatabaseError(error: object): DatabaseFinding | undefined {
  const name = propertyOf(error, 'name');
  const message = messageOf(error);
  if (name === 'ReplyError') return REPLIES[/^[A-Z]+/.exec(message)?.[0] ?? ''] ?? REFUSED;
  if (name === 'MaxRetriesPerRequestError') return NETWORK;
  if (name === 'DriverAdapterError') return ADAPTERS[message];
  return MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
}
