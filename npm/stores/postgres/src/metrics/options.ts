import { readBreakerSources, readOptions } from 'fusewire/kit';
import type { BreakerRegistry, CircuitBreaker, Logger, Pipeline } from 'fusewire';
import type { PostgresPool } from '../connection.ts';
import { readName, readPool } from '../pool-option.ts';
import type { OwnedPool } from '../pool-option.ts';
import type { Qualify } from './schema.ts';

/** Source of metrics: the breakers of a registry, a breaker, or the breaker of a pipeline. */
export type MetricsSource = BreakerRegistry | CircuitBreaker | Pipeline<unknown, boolean>;

/** Options of `postgresMetrics`. Exactly one of `pool` and `connectionString` is required. */
export interface PostgresMetricsOptions {
  /** Sources of the metrics. Breakers that a registry creates later are recorded too. */
  readonly sources: readonly MetricsSource[];
  /** An open pool, which the recorder never ends. */
  readonly pool?: PostgresPool | undefined;
  /** URL of the database: `postgres://user:password@host:port/database`. The recorder opens and ends a pool of its own. */
  readonly connectionString?: string | undefined;
  /** Name of the schema of the tables: at most 40 letters, digits and `_`. It must exist. Default: from the search path. */
  readonly schema?: string | undefined;
  /** Name of this process in the rows: 1 to 200 characters. Default: a random one. */
  readonly instance?: string | undefined;
  /** Milliseconds between two records: 100 to 3 600 000. Default 10 000. */
  readonly interval?: number | undefined;
  /** Days that rows are kept: 1 to 3 650. Default 30. */
  readonly keepDays?: number | undefined;
  /** Receives faults of the database. Default: a warning of the process, once. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
}

/** Settings that were read from {@link PostgresMetricsOptions}. */
export interface MetricsSettings {
  readonly sources: readonly MetricsSource[];
  readonly open: () => OwnedPool;
  readonly qualify: Qualify;
  readonly instance: string;
  readonly interval: number;
  readonly keepDays: number;
  readonly logger: Pick<Logger, 'error'> | undefined;
}

export function readMetricsOptions(options: PostgresMetricsOptions): MetricsSettings {
  const reader = readOptions('Metrics', 'postgres', options);
  const sources = readBreakerSources<MetricsSource>(reader);
  const open = readPool(reader);
  const schema = readName(reader, 'schema');
  const instance = reader.value('instance') ?? crypto.randomUUID();
  if (typeof instance !== 'string' || instance.length < 1 || instance.length > 200) {
    reader.report('instance', typeof instance === 'string' ? 'range' : 'type', 'a text of 1 to 200 characters');
  }
  const interval = reader.number('interval', 100, 3_600_000, 'a number of milliseconds from 100 to 3600000') ?? 10_000;
  const keepDays = reader.number('keepDays', 1, 3_650, 'a whole number of days from 1 to 3650', true) ?? 30;
  const logger = reader.value('logger') as Partial<Logger> | null | undefined;
  if (logger !== undefined && typeof logger?.error !== 'function') reader.report('logger', 'type', 'a logger');
  reader.finish('sources');
  return {
    ...{ sources: sources ?? [], open, interval, keepDays, instance: instance as string },
    qualify: (name) => (schema === undefined ? name : `"${schema}".${name}`),
    logger: logger as MetricsSettings['logger'],
  };
}
