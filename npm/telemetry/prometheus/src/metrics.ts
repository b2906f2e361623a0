import type { CircuitBreaker, Pipeline } from 'fusewire';
import { BreakerWatch, isBreakerSource } from 'fusewire/kit';
import { register } from './client.ts';
import type { Family } from './families.ts';
import { fusewireNames } from './names/fusewire.ts';
import { resilience4jNames } from './names/resilience4j.ts';
import { Observation } from './observation.ts';
import { isPipeline, readPrometheusOptions } from './options.ts';
import type { MetricsSource, PrometheusOptions, Settings } from './options.ts';
import { PolicyTally, sumOf } from './policy-tally.ts';
import { SeriesByLabel } from './series.ts';
import { acceptedFormat, CONTENT_TYPES, renderText } from './text.ts';
import type { TextFormat } from './text.ts';

const NAMES = { fusewire: fusewireNames, resilience4j: resilience4jNames };

/** Metrics of breakers and pipelines for Prometheus. */
export class PrometheusMetrics {
  readonly #settings: Settings;
  readonly #series: SeriesByLabel;
  readonly #breakers = new BreakerWatch((breaker) => this.#observe(breaker));
  readonly #policies = new Set<PolicyTally>();
  readonly #sources = new Set<() => void>();
  readonly #unregister: (() => void) | undefined;

  /** @internal */
  constructor(settings: Settings) {
    const { registry, durations, maxBreakers } = settings;
    this.#settings = settings;
    this.#series = new SeriesByLabel(maxBreakers, durations?.bounds);
    this.#unregister = registry && register(registry, NAMES[settings.names].heads, () => this.#read());
    for (const source of settings.sources) this.watch(source);
  }

  /**
   * Publishes the metrics of a registry, with the breakers that it will create, of a breaker, or of a pipeline with its
   * breaker. The series of a breaker go when it leaves its registry.
   *
   * @returns a function that takes the source out again.
   * @throws {TypeError} if `source` is none of these.
   */
  watch(source: MetricsSource): () => void {
    if (!isBreakerSource(source)) throw new TypeError('Metrics: watch() takes a registry, a breaker or a pipeline');
    const endBreakers = this.#breakers.add(source);
    const endPolicies = isPipeline(source) ? this.#countPolicies(source) : undefined;
    const unwatch = () => {
      if (!this.#sources.delete(unwatch)) return;
      endBreakers();
      endPolicies?.();
    };
    this.#sources.add(unwatch);
    return unwatch;
  }

  /** Returns the metrics as text: in the format of Prometheus 0.0.4, or in that of OpenMetrics 1.0. */
  text(format: TextFormat = 'prometheus'): string {
    return renderText(this.#read(), format);
  }

  /** Answers the request of a scrape, in the format that its header `Accept` asks for. Without a request, in that of Prometheus. */
  respond(request?: Request): Response {
    const format = acceptedFormat(request?.headers.get('accept') ?? null);
    return new Response(this.text(format), { headers: { 'content-type': CONTENT_TYPES[format] } });
  }

  /** Takes out every source, and removes the metrics from the client's registry. */
  close(): void {
    for (const unwatch of this.#sources) unwatch();
    this.#unregister?.();
  }

  #observe(breaker: CircuitBreaker): () => void {
    const observation = new Observation(breaker, this.#settings.durations);
    this.#series.add(observation);
    return () => {
      this.#series.remove(observation);
      observation.end();
    };
  }

  #countPolicies(pipeline: Pipeline<unknown, boolean>): () => void {
    const policies = new PolicyTally(pipeline);
    this.#policies.add(policies);
    return () => {
      this.#policies.delete(policies);
      policies.end();
    };
  }

  #read(): readonly Family[] {
    this.#breakers.dropDisposed();
    return NAMES[this.#settings.names].write({
      breakers: this.#series.read(),
      policies: sumOf([...this.#policies].flatMap((tally) => [...tally.read()])),
    });
  }
}

/**
 * Publishes metrics of breakers and pipelines: in the registry of a client of Prometheus, or as text.
 *
 * ```ts
 * const metrics = prometheus({ sources: [breakers] });
 * app.get('/metrics', async (request, response) => response.type('text/plain').send(metrics.text()));
 * ```
 *
 * @throws {OptionsError} with every invalid option.
 * @throws {Error} if the client's registry has metrics of these names already.
 */
export function prometheus(options: PrometheusOptions = {}): PrometheusMetrics {
  return new PrometheusMetrics(readPrometheusOptions(options));
}
