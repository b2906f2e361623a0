import type { BreakerRegistry, CircuitBreaker, Pipeline } from 'fusewire';
import { isBreakerSource, readOptions } from 'fusewire/kit';
import type { ClientRegistry } from './client.ts';
import type { Labels } from './families.ts';
import type { DurationSettings } from './observation.ts';

/** Source of metrics: the breakers of a registry, a breaker, or a pipeline with its breaker. */
export type MetricsSource = BreakerRegistry | CircuitBreaker | Pipeline<unknown, boolean>;

/** Client of Prometheus: the module `@prometheus-io/client` or `prom-client`. */
export interface MetricsClient {
  readonly register: ClientRegistry;
}

/** Options of {@link prometheus}. */
export interface PrometheusOptions {
  /** Sources to watch from the start. Default none. */
  readonly sources?: readonly MetricsSource[] | undefined;
  /** Registry of `@prometheus-io/client` or `prom-client` that is to contain the metrics. Default: none. */
  readonly registry?: ClientRegistry | undefined;
  /** The module of such a client, whose default registry is to contain the metrics. Default: none. */
  readonly client?: MetricsClient | undefined;
  /**
   * Names of the metrics: `'fusewire'`, or `'resilience4j'` for dashboards and alerts that were made for resilience4j.
   * Default `'fusewire'`.
   */
  readonly names?: 'fusewire' | 'resilience4j' | undefined;
  /**
   * Upper bounds of the histogram's buckets in seconds: 1 to 50 ascending numbers above 0. With false, no durations are
   * measured, and a call costs nothing. Default `[0.01, 0.05, 0.25, 1, 5]`.
   */
  readonly buckets?: readonly number[] | false | undefined;
  /** Largest number of names of breakers: 1 to 100 000. Further breakers share the label `other`. Default 1 000. */
  readonly maxBreakers?: number | undefined;
  /**
   * Returns the labels of an exemplar for a call that has just ended, such as `{ trace_id }`, or undefined. It runs in the
   * async context of the call. Only OpenMetrics has exemplars. Default: none.
   */
  readonly exemplar?: (() => Labels | undefined) | undefined;
}

/** Settings that were read from {@link PrometheusOptions}. */
export interface Settings {
  readonly sources: readonly MetricsSource[];
  readonly registry: ClientRegistry | undefined;
  readonly names: 'fusewire' | 'resilience4j';
  readonly durations: DurationSettings | undefined;
  readonly maxBreakers: number;
}

const BUCKETS = [0.01, 0.05, 0.25, 1, 5];
const MOST_BUCKETS = 50;
const MAX_BREAKERS = 1_000;
const MOST_BREAKERS = 100_000;

export function readPrometheusOptions(options: PrometheusOptions): Settings {
  const reader = readOptions('Metrics', 'prometheus', options);
  const sources = reader.value('sources') ?? [];
  if (!Array.isArray(sources) || !sources.every(isBreakerSource)) {
    reader.report('sources', 'type', 'a list of registries, breakers and pipelines');
  }
  const client = reader.value('client');
  const ofClient = (client as Partial<MetricsClient> | null | undefined)?.register;
  if (client !== undefined && !isRegistry(ofClient)) {
    reader.report('client', 'type', 'the module @prometheus-io/client or prom-client');
  }
  const registry = reader.value('registry');
  if (registry !== undefined && !isRegistry(registry)) {
    reader.report('registry', 'type', 'a registry of @prometheus-io/client or prom-client');
  }
  if (registry !== undefined && client !== undefined) reader.report('client', 'conflict', 'given without registry');
  const names = reader.oneOf('names', ['fusewire', 'resilience4j']) ?? 'fusewire';
  const buckets = reader.value('buckets') ?? BUCKETS;
  if (buckets !== false && !areBounds(buckets)) {
    const expected = `false, or 1 to ${MOST_BUCKETS} ascending numbers of seconds above 0`;
    reader.report('buckets', Array.isArray(buckets) ? 'range' : 'type', expected);
  }
  const whole = `a whole number from 1 to ${MOST_BREAKERS}`;
  const maxBreakers = reader.number('maxBreakers', 1, MOST_BREAKERS, whole, true) ?? MAX_BREAKERS;
  const exemplar = reader.callable('exemplar') as PrometheusOptions['exemplar'];
  reader.finish();
  return {
    sources: sources as readonly MetricsSource[],
    registry: (registry ?? ofClient) as ClientRegistry | undefined,
    names,
    durations: buckets === false ? undefined : { bounds: [...(buckets as readonly number[])], exemplar },
    maxBreakers,
  };
}

/** Whether a source is a pipeline. */
export function isPipeline(source: MetricsSource): source is Pipeline<unknown, boolean> {
  return 'breaker' in source;
}

function isRegistry(value: unknown): value is ClientRegistry {
  return (
    isObject(value) &&
    typeof value['registerMetric'] === 'function' &&
    typeof value['removeSingleMetric'] === 'function'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function areBounds(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= MOST_BUCKETS &&
    value.every(
      (bound: unknown, index) =>
        typeof bound === 'number' && bound < Infinity && bound > (index === 0 ? 0 : (value[index - 1] as number)),
    )
  );
}
