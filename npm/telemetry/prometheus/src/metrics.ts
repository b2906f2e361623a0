import type { BreakerRegistry, CircuitBreaker, Pipeline } from 'fusewire';
import { register } from './client.ts';
import type { Family } from './families.ts';
import { fusewireNames } from './names/fusewire.ts';
import { resilience4jNames } from './names/resilience4j.ts';
import { Observation } from './observation.ts';
import { isBreaker, isBreakers, isSource, readPrometheusOptions } from './options.ts';
import type { MetricsSource, PrometheusOptions, Settings } from './options.ts';
import { PolicyTally, sumOf } from './policy-tally.ts';
import { SeriesByLabel } from './series.ts';
import { acceptedFormat, CONTENT_TYPES, renderText } from './text.ts';
import type { TextFormat } from './text.ts';

const NAMES = { fusewire: fusewireNames, resilience4j: resilience4jNames };

/** A breaker that is watched, by itself or through registries and pipelines. */
interface Watched {
  /** Number of sources that have it. */
  sources: number;
  /** Removes its series. */
  readonly end: () => void;
}

/** Metrics of breakers and pipelines for Prometheus. */
export class PrometheusMetrics {
  readonly #settings: Settings;
  readonly #series: SeriesByLabel;
  readonly #breakers = new Map<CircuitBreaker, Watched>();
  readonly #policies = new Set<PolicyTally>();
  readonly #unwatch = new Set<() => void>();
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
    if (!isSource(source)) throw new TypeError('Metrics: watch() takes a registry, a breaker or a pipeline');
    const end = isBreakers(source)
      ? this.#watchRegistry(source)
      : isBreaker(source)
        ? this.#watchBreaker(source)
        : this.#watchPipeline(source);
    const unwatch = () => {
      if (this.#unwatch.delete(unwatch)) end();
    };
    this.#unwatch.add(unwatch);
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
    for (const unwatch of this.#unwatch) unwatch();
    this.#unregister?.();
  }

  #watchRegistry(registry: BreakerRegistry): () => void {
    const ends = new Map<CircuitBreaker, () => void>();
    const add = (breaker: CircuitBreaker) => ends.set(breaker, this.#watchBreaker(breaker));
    const remove = (breaker: CircuitBreaker) => {
      ends.get(breaker)?.();
      ends.delete(breaker);
    };
    for (const [, breaker] of registry) if (!breaker.disposed) add(breaker);
    const listeners = [
      registry.on('created', ({ breaker }) => void add(breaker)),
      registry.on('evicted', ({ breaker }) => remove(breaker)),
    ];
    return () => {
      for (const stop of listeners) stop();
      for (const breaker of [...ends.keys()]) remove(breaker);
    };
  }

  #watchBreaker(breaker: CircuitBreaker): () => void {
    const watched = this.#breakers.get(breaker) ?? this.#observe(breaker);
    watched.sources++;
    return () => {
      if (--watched.sources === 0) watched.end();
    };
  }

  #observe(breaker: CircuitBreaker): Watched {
    const observation = new Observation(breaker, this.#settings.durations);
    this.#series.add(observation);
    const end = () => {
      if (!this.#breakers.delete(breaker)) return;
      this.#series.remove(observation);
      observation.end();
    };
    const watched = { sources: 0, end };
    this.#breakers.set(breaker, watched);
    return watched;
  }

  #watchPipeline(pipeline: Pipeline<unknown, boolean>): () => void {
    const policies = new PolicyTally(pipeline);
    this.#policies.add(policies);
    const endBreaker = pipeline.breaker === undefined ? undefined : this.#watchBreaker(pipeline.breaker);
    return () => {
      this.#policies.delete(policies);
      policies.end();
      endBreaker?.();
    };
  }

  #read(): readonly Family[] {
    for (const [breaker, { end }] of this.#breakers) if (breaker.disposed) end();
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
