import { readOptions, timeout } from 'fusewire';
import type { CircuitState } from 'fusewire';
import { messageOf } from '../translation.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { isEnvironment } from './environment.ts';
import type { ConexxusEnvironment } from './environment.ts';
import { readLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { harmless, harmlessData } from './sanitizing.ts';

/** A synchronisation that failed, as the table `EventLog` holds it. */
export interface SyncFailureRecord {
  eventType: `conexxus.sync.failed.${string}`;
  /** `conexxus-` and the milliseconds since 1970. */
  aggregateId: string;
  payload: {
    operation: string;
    error: string;
    /** At most 10 000 characters. Missing where what failed was no error. */
    stack?: string;
    /** At most 1 000 characters. Missing where there was none. */
    data?: string;
    circuitBreakerState: CircuitState;
    /** In ISO 8601. */
    timestamp: string;
  };
  metadata: { baseURL: string; timeout: number; retries: number };
}

/** What takes the records: `prisma.eventLog`. */
export interface EventLogSink {
  create(args: { data: SyncFailureRecord }): PromiseLike<unknown>;
}

/** What a logger of failures needs. */
export interface SyncFailureLoggerOptions {
  /** What takes the records. */
  eventLog: EventLogSink;
  /** The breaker whose state is told. */
  circuitBreaker: CircuitBreaker;
  /** What `validateEnvironment` has read. */
  environment: ConexxusEnvironment;
  /** Where it is written that a record could not be; false for nowhere. Default `console`. */
  logger?: Logger | false | undefined;
  /** Milliseconds that a call waits for its record at most: 1 to 2 147 483 647. Default 5 000. */
  patience?: number | undefined;
}

const LONGEST_ERROR = 1_000;
const LONGEST_STACK = 10_000;
const LONGEST_DATA = 1_000;

/**
 * Makes `logSyncFailure(operation, error, data)`, which writes a record of a synchronisation that failed. It never throws or
 * rejects, and resolves when the record is written, or cannot be, or takes longer than `patience`: a database that hangs does
 * not hold up the call. Neither the API key nor what looks like another secret is in a record.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function syncFailureLogger(
  options: SyncFailureLoggerOptions,
): (operation: string, error: unknown, data?: unknown) => Promise<void> {
  const reader = readOptions('Sync failure logger', 'conexxus', options);
  const eventLog = reader.value('eventLog') as EventLogSink | undefined;
  const circuitBreaker = reader.value('circuitBreaker') as CircuitBreaker;
  const environment = reader.value('environment') as ConexxusEnvironment | undefined;
  if (eventLog !== undefined && typeof eventLog?.create !== 'function') {
    reader.report('eventLog', 'type', 'an object with the function create');
  }
  if (circuitBreaker !== undefined && !(circuitBreaker instanceof CircuitBreaker)) {
    reader.report('circuitBreaker', 'type', 'a CircuitBreaker');
  }
  if (environment !== undefined && !isEnvironment(environment)) {
    reader.report('environment', 'type', 'what validateEnvironment returns');
  }
  const logger = readLogger(reader);
  const patience = reader.milliseconds('patience') ?? 5_000;
  reader.finish('eventLog', 'circuitBreaker', 'environment');
  const patient = timeout({ name: 'event-log', timeout: patience });

  return async (operation, error, data) => {
    try {
      const record = recordOf(operation, error, data, circuitBreaker, environment as ConexxusEnvironment);
      await patient.execute(() => (eventLog as EventLogSink).create({ data: record }));
    } catch (fault) {
      complain(logger, operation, fault);
    }
  };
}

function recordOf(
  operation: string,
  error: unknown,
  data: unknown,
  circuitBreaker: CircuitBreaker,
  environment: ConexxusEnvironment,
): SyncFailureRecord {
  const { CONEXXUS_API_URL, CONEXXUS_API_KEY, CONEXXUS_TIMEOUT, CONEXXUS_RETRIES } = environment;
  const secrets = [CONEXXUS_API_KEY];
  const now = new Date();
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    eventType: `conexxus.sync.failed.${operation}`,
    aggregateId: `conexxus-${now.getTime()}`,
    payload: {
      operation,
      error: harmless(messageOf(error), secrets, LONGEST_ERROR),
      ...(stack !== undefined && { stack: harmless(stack, secrets, LONGEST_STACK) }),
      ...(data !== undefined && { data: harmlessData(data, secrets, LONGEST_DATA) }),
      circuitBreakerState: circuitBreaker.getState(),
      timestamp: now.toISOString(),
    },
    metadata: {
      baseURL: harmless(CONEXXUS_API_URL, secrets, LONGEST_ERROR),
      timeout: CONEXXUS_TIMEOUT,
      retries: CONEXXUS_RETRIES,
    },
  };
}

/** What could not be logged may itself be impossible to tell. */
function complain(logger: Logger, operation: string, fault: unknown): void {
  try {
    logger.error(`Conexxus sync failure of ${operation} was not logged: ${messageOf(fault)}`);
  } catch {
    // There is nowhere left to report it to.
  }
}
