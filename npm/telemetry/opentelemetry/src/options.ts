import type { BreakerRegistry, CircuitBreaker, Pipeline } from 'fusewire';
import { readBreakerSources, readOptions } from 'fusewire/kit';
import type { TelemetryApi } from './telemetry-api.ts';

/** Source of metrics: the breakers of a registry, a breaker, or a pipeline with its breaker. */
export type TelemetrySource = BreakerRegistry | CircuitBreaker | Pipeline<unknown, boolean>;

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /** The module `@opentelemetry/api`. Its global meter provider and its active spans are used. */
  readonly api: TelemetryApi;
  /** Sources of the metrics. */
  readonly sources: readonly TelemetrySource[];
  /**
   * Whether durations of calls are recorded. Each call then causes a measurement; the other metrics cost a call nothing.
   * Default true.
   */
  readonly durations?: boolean | undefined;
  /** Whether transitions and rejections are written to the active span. No span is ever created. Default true. */
  readonly spans?: boolean | undefined;
}

/** Settings that were read from {@link InstrumentOptions}. */
interface Settings extends InstrumentOptions {
  readonly durations: boolean;
  readonly spans: boolean;
}

/** Reads the options, and adds the defaults. */
export function readInstrumentOptions(options: InstrumentOptions): Settings {
  const reader = readOptions('Telemetry', 'opentelemetry', options);
  const api = reader.value('api') as Partial<TelemetryApi> | undefined;
  if (api !== undefined && !isApi(api)) reader.report('api', 'type', 'the module @opentelemetry/api');
  const sources = readBreakerSources<TelemetrySource>(reader);
  const durations = reader.boolean('durations') ?? true;
  const spans = reader.boolean('spans') ?? true;
  reader.finish('api', 'sources');
  return { api: api as TelemetryApi, sources: sources ?? [], durations, spans };
}

function isApi(api: Partial<TelemetryApi> | null): boolean {
  return typeof api?.metrics?.getMeter === 'function' && typeof api.trace?.getActiveSpan === 'function';
}
