import { BreakerRegistry, CircuitBreaker } from 'fusewire';
import type { Pipeline, Policy, PolicyEventName } from 'fusewire';
import type { Consumer, Queued } from 'fusewire/queue';
import { eventOf } from './translation.ts';
import type { SourceEventName } from './translation.ts';
import type { NewEvent } from './event.ts';

/** Something whose events a log can record. */
export type Watchable =
  | BreakerRegistry
  | CircuitBreaker
  | Pipeline<unknown, boolean>
  | Policy<unknown, PolicyEventName, boolean>
  | Consumer
  | Queued;

/** Options of `watch`. */
export interface WatchOptions {
  /** Name of the breaker in the events of a policy or a queue. Default: that of the pipeline's breaker, or null. */
  readonly breaker?: string | undefined;
}

/** Emitter of any of the events that a log records. */
interface Emitter {
  on(event: string, listener: (event: object) => unknown): () => void;
}

/** Makes the event to record. It is called later, outside of the call that the event is about. */
export type EventMaker = () => NewEvent;

const BREAKER_EVENTS: readonly SourceEventName[] = [
  'stateChange',
  'failure',
  'timeout',
  'reject',
  'reset',
  'prediction',
];
const POLICY_EVENTS: readonly SourceEventName[] = ['retry', 'hedge', 'timeout', 'reject', 'fallback'];
const QUEUE_EVENTS: readonly SourceEventName[] = ['queued', 'failed', 'buried', 'leaseLost', 'fault'];

/** Listens to what a log watches. An event that several listeners receive, such as a breaker's and a pipeline's, counts once. */
export class Watcher {
  readonly #record: (make: EventMaker) => void;
  readonly #removals = new Set<() => void>();
  readonly #seen = new WeakSet<object>();

  constructor(record: (make: EventMaker) => void) {
    this.#record = record;
  }

  /** Listens to a target. Returns a function that takes all listeners off again. */
  watch(target: Watchable, options: WatchOptions = {}): () => void {
    const removeAll = this.#listenTo(target, options.breaker ?? null);
    const remove = (): void => {
      if (this.#removals.delete(remove)) removeAll();
    };
    this.#removals.add(remove);
    return remove;
  }

  /** Takes all listeners off. */
  close(): void {
    for (const remove of this.#removals) remove();
  }

  #listenTo(target: Watchable, breaker: string | null): () => void {
    if (target instanceof BreakerRegistry) return this.#listenToRegistry(target);
    if (typeof (target as { on?: unknown } | null)?.on !== 'function') {
      throw new TypeError('Event log: watch needs a registry, a breaker, a pipeline, a policy or a queue consumer');
    }
    if (target instanceof CircuitBreaker) return this.#listen(target as object as Emitter, BREAKER_EVENTS, null);
    if (isPipeline(target)) {
      const names = [...new Set([...BREAKER_EVENTS, ...POLICY_EVENTS])];
      return this.#listen(target as object as Emitter, names, breaker ?? target.breaker?.name ?? null);
    }
    return this.#listen(target as object as Emitter, [...POLICY_EVENTS, ...QUEUE_EVENTS], breaker);
  }

  #listenToRegistry(registry: BreakerRegistry): () => void {
    const removals = new Map<CircuitBreaker, () => void>();
    const add = (breaker: CircuitBreaker): void => {
      if (!breaker.disposed) removals.set(breaker, this.#listen(breaker as object as Emitter, BREAKER_EVENTS, null));
    };
    const drop = (breaker: CircuitBreaker): void => {
      removals.get(breaker)?.();
      removals.delete(breaker);
    };
    const created = registry.on('created', ({ name, breaker }) => {
      add(breaker);
      this.#record(() => eventOf('created', { breaker: name }, null));
    });
    const evicted = registry.on('evicted', ({ name, breaker, reason }) => {
      drop(breaker);
      this.#record(() => eventOf('evicted', { breaker: name, reason }, null));
    });
    for (const [, breaker] of registry) add(breaker);
    return () => {
      created();
      evicted();
      for (const breaker of [...removals.keys()]) drop(breaker);
    };
  }

  /** Listens to those events of `names` that an emitter has. */
  #listen(emitter: Emitter, names: readonly SourceEventName[], breaker: string | null): () => void {
    let timeout: unknown;
    const removals = names.flatMap((name) => {
      const listener = (event: { readonly breaker?: string; readonly error?: unknown }): void => {
        if (this.#seen.has(event)) return;
        this.#seen.add(event);
        // After the timeout of a breaker's call follows its failure.
        if (name === 'timeout' && event.breaker !== undefined) timeout = event.error;
        else if (name === 'failure' && timeout !== undefined && event.error === timeout) return;
        const now = Date.now();
        this.#record(() => {
          const recorded = eventOf(name, event, breaker);
          return { time: now, ...recorded };
        });
      };
      try {
        return [emitter.on(name, listener)];
      } catch (error) {
        // A policy has not all of the events.
        if (error instanceof TypeError) return [];
        throw error;
      }
    });
    if (removals.length === 0) throw new TypeError('Event log: watch found nothing to listen to');
    return () => {
      for (const remove of removals) remove();
    };
  }
}

function isPipeline(target: object): target is Pipeline<unknown, boolean> {
  return 'layers' in target && 'breaker' in target;
}
