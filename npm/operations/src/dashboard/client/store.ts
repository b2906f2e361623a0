import { History } from '../../display/history.ts';
import type { Breaker, Connection, OperationsEvent, Source, State } from '../../display/model.ts';

/** Breaker of one instance, with its history. */
export interface Row {
  readonly key: string;
  readonly source: Source;
  readonly breaker: Breaker;
  readonly history: History;
  /** Time at which the page learned of the present state, or that of the transition. */
  readonly since: number;
}

/** Everything that the page shows. Views draw again in the next frame after a change. */
export class Store {
  readonly sources: readonly Source[];
  readonly rows = new Map<string, Row>();
  readonly connections = new Map<Source, Connection>();
  readonly #listeners = new Set<() => void>();
  readonly #eventListeners = new Set<(event: OperationsEvent, source: Source) => void>();
  #isScheduled = false;

  constructor(sources: readonly Source[]) {
    this.sources = sources;
    for (const source of sources) this.connections.set(source, 'connecting');
  }

  /** Calls a view before the next frame after a change. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls a view for each new event. Returns a function that ends it. */
  onEvent(listener: (event: OperationsEvent, source: Source) => void): () => void {
    this.#eventListeners.add(listener);
    return () => void this.#eventListeners.delete(listener);
  }

  setConnection(source: Source, connection: Connection): void {
    this.connections.set(source, connection);
    this.changed();
  }

  /** Takes over the breakers of a source. With `isAll`, others of that source are gone. */
  setBreakers(source: Source, breakers: readonly Breaker[], removed: readonly string[], isAll: boolean): void {
    const now = Date.now();
    for (const breaker of breakers) this.#set(source, breaker, now);
    for (const name of removed) this.rows.delete(keyOf(source, name));
    if (isAll) {
      const names = new Set(breakers.map(({ name }) => name));
      for (const [key, row] of this.rows)
        if (row.source === source && !names.has(row.breaker.name)) this.rows.delete(key);
    }
    this.changed();
  }

  /** Shows a transition at once, although the counters come later. */
  addEvent(source: Source, event: OperationsEvent): void {
    const key = event.breaker === null ? undefined : keyOf(source, event.breaker);
    const row = key === undefined ? undefined : this.rows.get(key);
    const to = event.kind === 'state-change' && event.details['shadow'] !== true ? event.details['to'] : undefined;
    if (row !== undefined && isState(to)) {
      const breaker = { ...row.breaker, state: to };
      this.rows.set(row.key, { ...row, breaker, since: event.time });
    }
    for (const listener of this.#eventListeners) listener(event, source);
    this.changed();
  }

  /** Draws again in the next frame. */
  changed(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #set(source: Source, breaker: Breaker, now: number): void {
    const key = keyOf(source, breaker.name);
    const known = this.rows.get(key);
    const history = known?.history ?? new History();
    history.add(breaker.stats, now);
    const since = known?.breaker.state === breaker.state ? known.since : now;
    this.rows.set(key, { key, source, breaker, history, since });
  }
}

/** Returns the key of a breaker of a source. */
export function keyOf(source: Source, name: string): string {
  return `${source.name}/${name}`;
}

function isState(value: unknown): value is State {
  return value === 'CLOSED' || value === 'OPEN' || value === 'HALF_OPEN';
}
