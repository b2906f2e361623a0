import type { BreakerStats, CircuitBreaker } from 'fusewire';
import { BreakerWatch, storableText } from 'fusewire/kit';
import type { PostgresPool } from '../connection.ts';
import { withDeadline } from './deadline.ts';
import { readMetricsOptions } from './options.ts';
import type { MetricsSettings, PostgresMetricsOptions } from './options.ts';
import { RowTimes } from './row-times.ts';
import { createTables, hasTables } from './schema.ts';

/** Most rows that wait for the database. Beyond that the oldest are dropped. */
const MOST_WAITING = 10_000;
/** Most rows of one statement, so that rows which have waited do not hold up the calls of the program. */
const MOST_AT_ONCE = 1_000;
const DAY = 86_400_000;
/** Milliseconds between two clean-ups. */
const CLEANUP_INTERVAL = 3_600_000;

/** Row of `circuit_breaker_metrics`: what a circuit has done since the row before. */
interface MetricsRow {
  readonly at: number;
  readonly name: string;
  readonly state: string;
  readonly successes: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly rejections: number;
  readonly time: number | null;
}

/** Row of `circuit_breaker_events`. */
interface EventRow {
  readonly id: string;
  readonly at: number;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** Totals of a breaker, as far as they are recorded. */
type Totals = Pick<BreakerStats, 'totalSuccesses' | 'totalFailures' | 'totalTimeouts' | 'totalRejected'>;

/** Figures of a recorder. */
export interface PostgresMetricsStats {
  /** Whether the tables exist. Nothing is recorded before. */
  readonly isReady: boolean;
  /** Rows that the database has acknowledged. */
  readonly written: number;
  /** Rows that wait. */
  readonly waiting: number;
  /** Rows that were dropped, because too many waited. */
  readonly dropped: number;
  /** Records that failed. Their rows are written with the next one. */
  readonly failures: number;
}

/** Recorder of metrics and state changes in the tables of the campaign document. */
export class PostgresMetrics {
  readonly #settings: MetricsSettings;
  readonly #pool: PostgresPool;
  readonly #answering: PostgresPool;
  readonly #closePool: () => unknown;
  readonly #watch: BreakerWatch;
  readonly #recorded = new Map<CircuitBreaker, Totals>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #metrics: MetricsRow[] = [];
  readonly #events: EventRow[] = [];
  readonly #times = new RowTimes();
  /** Days whose partitions exist, as far as is known. */
  readonly #days = new Set<number>();
  #isReady = false;
  #isRecording = false;
  #written = 0;
  #dropped = 0;
  #failures = 0;
  #cleanedAt = Number.NEGATIVE_INFINITY;
  #hasWarned = false;
  #recording: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(settings: MetricsSettings) {
    this.#settings = settings;
    const { pool, close } = settings.open();
    this.#pool = pool;
    this.#answering = withDeadline(pool);
    this.#closePool = close;
    this.#watch = new BreakerWatch((breaker) => this.#follow(breaker));
    for (const source of settings.sources) this.#watch.add(source);
    this.#timer = setInterval(() => {
      if (!this.#isRecording) void this.record();
    }, settings.interval);
    // A recorder keeps no program alive.
    this.#timer.unref();
  }

  /** Creates the tables and functions, or brings them up to date; any number of processes may do so at once. */
  async setUp(): Promise<void> {
    await hasTables(this.#pool, this.#settings.qualify);
    await createTables(this.#pool, this.#settings.qualify);
    this.#isReady = true;
  }

  /**
   * Writes what has happened since the last record, and deletes what is too old. Never rejects: a failure is counted and logged,
   * and the rows are written with the next record.
   */
  record(): Promise<void> {
    this.#recording = this.#recording.then(async () => {
      this.#isRecording = true;
      await this.#record().catch((error: unknown) => this.#onFault(error));
      this.#isRecording = false;
    });
    return this.#recording;
  }

  /** Returns the figures of this recorder. */
  getStats(): PostgresMetricsStats {
    const waiting = this.#metrics.length + this.#events.length;
    const [written, dropped, failures] = [this.#written, this.#dropped, this.#failures];
    return { isReady: this.#isReady, written, waiting, dropped, failures };
  }

  /** Writes a last record, and ends. Resolves when it is written, or has failed. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      clearInterval(this.#timer);
      await this.record();
      this.#watch.close();
      await this.#closePool();
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(breaker: CircuitBreaker): () => void {
    this.#recorded.set(breaker, totalsOf(breaker.getStats()));
    const stop = breaker.on('stateChange', ({ from, to, reason, shadow }) => {
      if (shadow) return;
      this.#events.push({
        id: crypto.randomUUID(),
        at: Date.now(),
        name: storableText(breaker.name),
        from,
        to,
        reason,
      });
      this.#dropSurplus();
    });
    return () => {
      stop();
      this.#addRow(breaker);
      this.#recorded.delete(breaker);
    };
  }

  async #record(): Promise<void> {
    for (const breaker of this.#recorded.keys()) this.#addRow(breaker);
    this.#isReady ||= await hasTables(this.#answering, this.#settings.qualify);
    if (!this.#isReady) {
      this.#metrics.length = 0;
      this.#events.length = 0;
      return;
    }
    await this.#createPartitions([...this.#metrics, ...this.#events]);
    await this.#write(this.#metrics, this.#insertionOfMetrics());
    await this.#write(this.#events, this.#insertionOfEvents());
    await this.#clean();
  }

  /** Adds what a breaker has done since its last row. */
  #addRow(breaker: CircuitBreaker): void {
    const before = this.#recorded.get(breaker);
    if (before === undefined || breaker.disposed) return;
    const stats = breaker.getStats();
    this.#recorded.set(breaker, totalsOf(stats));
    const name = storableText(breaker.name);
    this.#metrics.push({
      at: this.#times.next(name),
      name,
      state: stats.state,
      successes: stats.totalSuccesses - before.totalSuccesses,
      failures: stats.totalFailures - before.totalFailures,
      timeouts: stats.totalTimeouts - before.totalTimeouts,
      rejections: stats.totalRejected - before.totalRejected,
      time: stats.averageResponseTime,
    });
    this.#dropSurplus();
  }

  #dropSurplus(): void {
    for (const rows of [this.#metrics, this.#events]) {
      if (rows.length <= MOST_WAITING) continue;
      rows.shift();
      this.#dropped++;
    }
  }

  /** Writes the rows that wait, the oldest first. A row leaves the list when the database has acknowledged it. */
  async #write(waiting: (MetricsRow | EventRow)[], text: string): Promise<void> {
    while (waiting.length > 0) {
      const rows = waiting.slice(0, MOST_AT_ONCE);
      await this.#answering.query({ text, values: [JSON.stringify(rows), storableText(this.#settings.instance)] });
      // The oldest may have been dropped meanwhile, so that fewer are at the front.
      const acknowledged = new Set<unknown>(rows);
      let number = 0;
      while (acknowledged.has(waiting[number])) number++;
      waiting.splice(0, number);
      this.#written += rows.length;
    }
  }

  #insertionOfMetrics(): string {
    return `INSERT INTO ${this.#settings.qualify('circuit_breaker_metrics')}
        (recorded_at, circuit_name, instance, state, successes, failures, timeouts, rejections, average_response_time)
      SELECT to_timestamp(at / 1000), name, $2, state, successes, failures, timeouts, rejections, time
      FROM jsonb_to_recordset($1::jsonb) AS row(at float8, name text, state text, successes int, failures int,
        timeouts int, rejections int, time float8)
      ON CONFLICT DO NOTHING`;
  }

  #insertionOfEvents(): string {
    return `INSERT INTO ${this.#settings.qualify('circuit_breaker_events')}
        (id, occurred_at, circuit_name, instance, from_state, to_state, reason)
      SELECT id, to_timestamp(at / 1000), name, $2, "from", "to", reason
      FROM jsonb_to_recordset($1::jsonb) AS row(id uuid, at float8, name text, "from" text, "to" text, reason text)
      ON CONFLICT DO NOTHING`;
  }

  async #createPartitions(rows: readonly (MetricsRow | EventRow)[]): Promise<void> {
    for (const day of new Set(rows.map(({ at }) => Math.floor(at / DAY)))) {
      if (this.#days.has(day)) continue;
      const text = `SELECT ${this.#settings.qualify('create_circuit_breaker_metrics_partition')}($1::date)`;
      await this.#answering.query({ text, values: [new Date(day * DAY).toISOString().slice(0, 10)] });
      this.#days.add(day);
    }
  }

  async #clean(): Promise<void> {
    if (performance.now() - this.#cleanedAt < CLEANUP_INTERVAL) return;
    const text = `SELECT ${this.#settings.qualify('cleanup_circuit_breaker_metrics')}(make_interval(days => $1))`;
    await this.#answering.query({ text, values: [this.#settings.keepDays] });
    this.#cleanedAt = performance.now();
  }

  #onFault(error: unknown): void {
    this.#failures++;
    // Somebody may have dropped tables or partitions.
    this.#days.clear();
    this.#isReady = false;
    const message = 'Metrics postgres: a record of the circuit breakers was not written';
    try {
      if (this.#settings.logger !== undefined) this.#settings.logger.error(message, error);
      else if (!this.#hasWarned) process.emitWarning(`${message}: ${(error as Error).message}`, 'FusewireWarning');
      this.#hasWarned = true;
    } catch {
      // Nobody is left to report it to.
    }
  }
}

function totalsOf({ totalSuccesses, totalFailures, totalTimeouts, totalRejected }: BreakerStats): Totals {
  return { totalSuccesses, totalFailures, totalTimeouts, totalRejected };
}

/**
 * Records breakers in the tables of the campaign document: `circuit_breaker_metrics` has what each has done in each interval, and
 * `circuit_breaker_events` its state changes. No call waits for it, and what the database cannot take now is written later.
 *
 * ```ts
 * const metrics = postgresMetrics({ pool, sources: [breakers] });
 * await metrics.setUp();
 * ```
 *
 * @throws {OptionsError} with every invalid option.
 */
export function postgresMetrics(options: PostgresMetricsOptions): PostgresMetrics {
  return new PostgresMetrics(readMetricsOptions(options));
}
