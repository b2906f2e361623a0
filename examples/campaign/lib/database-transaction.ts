import { retry } from 'fusewire';
import type { CallContext, Outcome, Verdict } from 'fusewire';
import { CachedDataFallbackStrategy, CircuitBreaker, DegradedModeFallbackStrategy } from './circuit-breaker.ts';
import type { AnswerStore, CircuitBreakerConfig, Logger } from './circuit-breaker.ts';
import { isAnswer, isPassing } from './database/database.ts';
import type { Connection, Database, Result, Statement } from './database/database.ts';

/** Options of a transaction manager. */
export interface TransactionManagerOptions {
  readonly database: Database;
  readonly config?: CircuitBreakerConfig | undefined;
  /** Store of cached rows outside of the process, such as Redis. */
  readonly store?: AnswerStore | undefined;
  readonly logger?: Logger | false | undefined;
}

/** Health of the database. */
export interface DatabaseHealth {
  readonly isReachable: boolean;
  readonly state: string;
  /** Milliseconds of the last check. */
  readonly responseTime: number;
}

/**
 * Runs statements and transactions through the circuit breaker of the database.
 *
 * - Failures that pass, such as serialisation failures and lost connections, are retried with exponential backoff. A
 *   transaction that may have been committed is never run again.
 * - When the database is away, reads are answered with cached rows, and then everything by its `degraded` function.
 */
export class DatabaseTransactionManager {
  readonly breaker: CircuitBreaker<CachedDataFallbackStrategy | DegradedModeFallbackStrategy<unknown>>;
  readonly #database: Database;
  readonly #retry = retry({
    name: 'database-retry',
    attempts: 4,
    delay: { type: 'exponential', initial: 25, max: 500 },
    // Only what was certainly not committed counts as passing, so that it may run again.
    retryIf: isPassing,
    idempotent: true,
  });

  constructor({ database, config, store, logger }: TransactionManagerOptions) {
    this.#database = database;
    this.breaker = new CircuitBreaker('database', config, {
      logger,
      classify: classifyDatabaseError,
      fallbackStrategies: [
        new CachedDataFallbackStrategy({ store }),
        new DegradedModeFallbackStrategy(({ args }) => answerDegraded(args)),
      ],
    });
  }

  /** Runs `work` in one transaction. Resolves if it was committed, or with the answer of `degraded`. */
  atomic<T, Degraded = never>(
    work: (connection: Connection) => Promise<T>,
    degraded?: () => Degraded | Promise<Degraded>,
  ): Promise<T | Degraded> {
    return this.#execute(({ signal }) => this.#database.transaction(work, signal), { args: [degraded] });
  }

  /**
   * Reads rows. If the database is away, resolves with those of the last call of the same `key`, or the answer of `degraded`.
   */
  async read<Row>(
    statement: Statement,
    { key, degraded }: { readonly key?: string; readonly degraded?: () => Row[] } = {},
  ): Promise<Row[]> {
    const work = async () => (await this.#database.query(statement)).rows as Row[];
    return this.#execute(work, { args: [degraded], ...(key !== undefined && { key }) });
  }

  /** Runs a statement that may run twice, such as `UPDATE … SET state = 'done'`. No fallback answers for it. */
  async run(statement: string | Statement): Promise<Result> {
    return this.#execute(() => this.#database.query(statement), { args: [] });
  }

  /** Checks the database beside its breaker. */
  async health(): Promise<DatabaseHealth> {
    const start = performance.now();
    const isReachable = await this.ping().then(
      () => true,
      () => false,
    );
    const responseTime = Math.round(performance.now() - start);
    return { isReachable, state: this.breaker.getState(), responseTime };
  }

  /** Sends the shortest statement, beside the breaker. */
  async ping(): Promise<void> {
    await this.#database.query('SELECT 1');
  }

  #execute<T>(work: (context: CallContext) => Promise<T>, call: { key?: string; args: unknown[] }): Promise<T> {
    return this.breaker.execute(
      ({ signal }) => this.#retry.execute((context) => work(context), { signal }),
      call,
    ) as Promise<T>;
  }
}

/** Judges errors of the database: one that it answers with, such as that of a constraint, opens no circuit. */
function classifyDatabaseError(outcome: Outcome): Verdict {
  return 'error' in outcome && isAnswer(outcome.error) ? 'ignore' : undefined;
}

/** Answers in degraded mode. Without a function for it, the call rejects with its own error. */
function answerDegraded([degraded]: readonly unknown[]): unknown {
  if (typeof degraded !== 'function') throw new Error('This call has no degraded mode');
  return degraded();
}
