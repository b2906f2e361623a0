import { timeout } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import { Redactor } from '@fusewire/operations/redaction';
import type { CallContext, CircuitState } from 'fusewire';
import { messageOf } from '../translation.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { isEnvironment } from './environment.ts';
import type { ConexxusEnvironment } from './environment.ts';
import { readLogger } from './logger.ts';
import type { Logger } from './logger.ts';

/** Record of a failed synchronisation, in the shape of the table `EventLog`. */
export interface SyncFailureRecord {
  eventType: `conexxus.sync.failed.${string}`;
  /** `conexxus-` and the milliseconds since 1970. */
  aggregateId: string;
  payload: {
    operation: string;
    error: string;
    /** Stack of the error, at most 10 000 characters. Missing if the error is no `Error`. */
    stack?: string;
    /** Data of the call, or the body of the request in an error of axios, as JSON: at most 1 000 characters. */
    data?: string;
    circuitBreakerState: CircuitState;
    /** In ISO 8601. */
    timestamp: string;
  };
  metadata: { baseURL: string; timeout: number; retries: number };
}

/** Store of the records, for example `prisma.eventLog`. */
export interface EventLogSink {
  create(args: { data: SyncFailureRecord }): PromiseLike<unknown>;
}

/** Options of {@link syncFailureLogger}. */
export interface SyncFailureLoggerOptions {
  /** Store of the records. */
  eventLog: EventLogSink;
  /** Breaker whose state is part of each record. */
  circuitBreaker: CircuitBreaker;
  /** Result of `validateEnvironment`. */
  environment: ConexxusEnvironment;
  /** Logger of records that could not be written; false for none. Default `console`. */
  logger?: Logger | false | undefined;
  /** Longest time that a call waits for its record, in milliseconds: 1 to 2 147 483 647. Default 5 000. */
  patience?: number | undefined;
}

const LONGEST_ERROR = 1_000;
const LONGEST_STACK = 10_000;
const LONGEST_DATA = 1_000;

/**
 * Returns `logSyncFailure(operation, error, data)`, which writes a record of a failed synchronisation. The promise
 * never rejects. It resolves when the record is written, when the store rejects, or after `patience`: a database that
 * hangs does not delay the call for longer. A record contains neither the API key nor anything that looks like another
 * secret.
 *
 * @throws {OptionsError} with every invalid option.
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
  const limited = timeout({ name: 'event-log', timeout: patience });
  const { CONEXXUS_API_KEY } = environment as ConexxusEnvironment;
  const redactor = new Redactor({ secrets: [CONEXXUS_API_KEY] });

  return async (operation, error, data) => {
    try {
      const state = circuitBreaker.getState();
      const record = recordOf(
        operation,
        error,
        data === undefined ? requestBodyOf(error) : data,
        state,
        environment as ConexxusEnvironment,
        redactor,
      );
      await limited.execute(() => (eventLog as EventLogSink).create({ data: record }));
    } catch (failure) {
      logUnwritten(logger, operation, failure);
    }
  };
}

/** Function that runs one synchronisation. */
export type SyncRunner = <T>(
  operation: string,
  work: (context: CallContext) => T | PromiseLike<T>,
  data?: unknown,
) => Promise<Awaited<T>>;

/**
 * Returns `run(operation, work, data)`, which runs `work` through the breaker and settles with the same value or error. Every
 * failure is recorded, also a rejection by the circuit. The caller does not wait for the record.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function syncRunner(options: SyncFailureLoggerOptions): SyncRunner {
  const logSyncFailure = syncFailureLogger(options);
  const { circuitBreaker } = options;
  return async <T>(
    operation: string,
    work: (context: CallContext) => T | PromiseLike<T>,
    data?: unknown,
  ): Promise<Awaited<T>> => {
    try {
      return await circuitBreaker.execute(work);
    } catch (error) {
      void logSyncFailure(operation, error, data);
      throw error;
    }
  };
}

/** Returns the body of the request that an error of axios has. */
function requestBodyOf(error: unknown): unknown {
  try {
    return (error as { config?: { data?: unknown } } | null | undefined)?.config?.data;
  } catch {
    // A revoked proxy, for example.
    return undefined;
  }
}

function recordOf(
  operation: string,
  error: unknown,
  data: unknown,
  circuitBreakerState: CircuitState,
  environment: ConexxusEnvironment,
  redactor: Redactor,
): SyncFailureRecord {
  const { CONEXXUS_API_URL, CONEXXUS_TIMEOUT, CONEXXUS_RETRIES } = environment;
  const now = new Date();
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    eventType: `conexxus.sync.failed.${operation}`,
    aggregateId: `conexxus-${now.getTime()}`,
    payload: {
      operation,
      error: redactor.text(messageOf(error), LONGEST_ERROR),
      ...(stack !== undefined && { stack: redactor.text(stack, LONGEST_STACK) }),
      ...(data !== undefined && { data: redactor.json(data, LONGEST_DATA) }),
      circuitBreakerState,
      timestamp: now.toISOString(),
    },
    metadata: {
      baseURL: redactor.text(CONEXXUS_API_URL, LONGEST_ERROR),
      timeout: CONEXXUS_TIMEOUT,
      retries: CONEXXUS_RETRIES,
    },
  };
}

/** Logs that a record could not be written. Never throws, even if `failure` has no text. */
function logUnwritten(logger: Logger, operation: string, failure: unknown): void {
  try {
    logger.error(`Conexxus sync failure of ${operation} was not logged: ${messageOf(failure)}`);
  } catch {
    // The logger is the last resort: its own error has no receiver.
  }
}
