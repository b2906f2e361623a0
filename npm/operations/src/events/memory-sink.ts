import { readOptions } from 'fusewire/kit';
import type { OperationsEvent } from './event.ts';
import { pageOf } from './filter.ts';
import type { EventPage, SinkQuery } from './filter.ts';
import type { EventSink } from './sink.ts';

/** Options of {@link memoryEventSink}. */
export interface MemoryEventSinkOptions {
  /** Most events that it keeps, the newest: 1 to 1 000 000. Default 10 000. */
  readonly max?: number | undefined;
}

const LARGEST_MAX = 1_000_000;
const DEFAULT_MAX = 10_000;

/**
 * Returns a sink in memory, which is lost with the process.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function memoryEventSink(options: MemoryEventSinkOptions = {}): EventSink {
  const reader = readOptions('Event sink', 'memory', options);
  const max = reader.number('max', 1, LARGEST_MAX, `a whole number from 1 to ${LARGEST_MAX}`, true) ?? DEFAULT_MAX;
  reader.finish();
  return new MemoryEventSink(max);
}

class MemoryEventSink implements EventSink {
  readonly name = 'memory';
  readonly #max: number;
  /** Events by their ids. */
  readonly #ids = new Set<string>();
  #sorted: OperationsEvent[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  async append(events: readonly OperationsEvent[]): Promise<void> {
    const added = events.filter(({ id }) => !this.#ids.has(id) && this.#ids.add(id) !== undefined);
    const isSorted = added.every(
      ({ id }, index) => id > ((index > 0 ? added[index - 1] : this.#sorted.at(-1))?.id ?? ''),
    );
    for (const event of added) this.#sorted.push(event);
    if (!isSorted) this.#sorted.sort((one, other) => (one.id < other.id ? -1 : 1));
    // In larger steps, so that not every event moves all others.
    if (this.#sorted.length > this.#max * 1.1) this.#drop(this.#sorted.length - this.#max);
  }

  async read(query: SinkQuery): Promise<EventPage> {
    return pageOf(this.#sorted.slice(-this.#max), query);
  }

  async clean(before: number): Promise<number> {
    const kept = this.#sorted.filter(({ time }) => time >= before);
    const deleted = this.#sorted.length - kept.length;
    for (const { id, time } of this.#sorted) if (time < before) this.#ids.delete(id);
    this.#sorted = kept;
    return deleted;
  }

  async close(): Promise<void> {
    // It has opened nothing.
  }

  #drop(count: number): void {
    for (const { id } of this.#sorted.splice(0, count)) this.#ids.delete(id);
  }
}
