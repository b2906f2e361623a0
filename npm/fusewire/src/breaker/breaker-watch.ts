import type { OptionsReader } from '../options/options-reader.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { BreakerRegistry } from './registry.ts';

/** A breaker that is watched. */
interface Watched {
  /** Number of sources that have it. */
  sources: number;
  readonly end: () => void;
}

/** Source of breakers to watch: a registry, a breaker itself, or a pipeline with one. */
export type BreakerSource = BreakerRegistry | CircuitBreaker | { readonly breaker: CircuitBreaker | undefined };

/** Whether a value is a registry, a breaker or a pipeline, also of another copy of this package. */
export function isBreakerSource(value: unknown): value is BreakerSource {
  if (typeof value !== 'object' || value === null || !('on' in value)) return false;
  return 'getAllStats' in value || 'forceOpen' in value || 'breaker' in value;
}

/** Reads the option `sources`, a list of registries, breakers and pipelines. Returns undefined if it is not given. */
export function readBreakerSources<Source extends BreakerSource>(reader: OptionsReader): readonly Source[] | undefined {
  const sources = reader.value('sources');
  if (sources !== undefined && !(Array.isArray(sources) && sources.every(isBreakerSource))) {
    reader.report('sources', 'type', 'a list of registries, breakers and pipelines');
  }
  return sources as readonly Source[] | undefined;
}

/**
 * Watches breakers as they come and go, for a package that observes them. A breaker that several sources have is watched once,
 * until the last of them has lost it.
 */
export class BreakerWatch {
  readonly #begin: (breaker: CircuitBreaker) => () => void;
  readonly #breakers = new Map<CircuitBreaker, Watched>();
  readonly #sources = new Set<() => void>();

  /** @param begin begins to observe a breaker. It returns a function that ends it. */
  constructor(begin: (breaker: CircuitBreaker) => () => void) {
    this.#begin = begin;
  }

  /**
   * Watches the breakers of a source: at once those that exist, and later those that a registry creates.
   *
   * @returns a function that takes the source out again.
   */
  add(source: BreakerSource): () => void {
    const end = 'getAllStats' in source ? this.#watchRegistry(source) : this.#watchOne(source);
    const remove = () => {
      if (this.#sources.delete(remove)) end();
    };
    this.#sources.add(remove);
    return remove;
  }

  /** Ends the observation of disposed breakers. A registry does so by itself. */
  dropDisposed(): void {
    for (const [breaker, { end }] of this.#breakers) if (breaker.disposed) end();
  }

  /** Takes out every source. */
  close(): void {
    for (const remove of this.#sources) remove();
  }

  #watchOne(source: Exclude<BreakerSource, BreakerRegistry>): () => void {
    const breaker = 'forceOpen' in source ? source : source.breaker;
    return breaker === undefined || breaker.disposed ? () => undefined : this.#hold(breaker);
  }

  #watchRegistry(registry: BreakerRegistry): () => void {
    const held = new Map<CircuitBreaker, () => void>();
    const drop = (breaker: CircuitBreaker) => {
      held.get(breaker)?.();
      held.delete(breaker);
    };
    for (const [, breaker] of registry) if (!breaker.disposed) held.set(breaker, this.#hold(breaker));
    const listeners = [
      registry.on('created', ({ breaker }) => void held.set(breaker, this.#hold(breaker))),
      registry.on('evicted', ({ breaker }) => drop(breaker)),
    ];
    return () => {
      for (const stop of listeners) stop();
      for (const breaker of [...held.keys()]) drop(breaker);
    };
  }

  /** Observes a breaker for one more source. Returns a function that ends it for that source. */
  #hold(breaker: CircuitBreaker): () => void {
    const watched = this.#breakers.get(breaker) ?? this.#observe(breaker);
    watched.sources++;
    return () => {
      if (--watched.sources === 0) watched.end();
    };
  }

  #observe(breaker: CircuitBreaker): Watched {
    const stop = this.#begin(breaker);
    const end = () => {
      if (this.#breakers.delete(breaker)) stop();
    };
    const watched = { sources: 0, end };
    this.#breakers.set(breaker, watched);
    return watched;
  }
}
