import { callInScope, captureScope } from 'fusewire/kit';
import type { NewEvent, OperationsEvent } from './event.ts';
import { describeFailure } from './failure.ts';
import { asPage, pageOf, readQuery } from './filter.ts';
import type { EventPage, EventQuery } from './filter.ts';
import { Followers } from './followers.ts';
import { EventIds } from './ids.ts';
import type { EventLog, EventLogStats, EventSubscription, FlushOptions, FollowOptions } from './log.ts';
import { completeEvent } from './new-events.ts';
import { readEventLogOptions } from './options.ts';
import type { EventLogOptions, EventLogSettings } from './options.ts';
import { RejectionSampler } from './rejections.ts';
import { SinkWriter } from './sink-writer.ts';
import { setIdleTimer, soon } from './timers.ts';
import { Watcher } from './watch.ts';
import type { EventMaker, Watchable, WatchOptions } from './watch.ts';

const DEFAULT_TIMEOUT = 10_000;
const MOST_MAKERS = 256;
const CLEANING_INTERVAL = 3_600_000;

/**
 * Creates an event log.
 *
 * ```ts
 * const log = eventLog({ sinks: sqliteEventSink({ path: 'events.db' }) });
 * log.watch(registry);
 * const { events } = await log.tail({ breaker: 'mpesa', severity: 'warning' });
 * ```
 *
 * @throws {OptionsError} with every invalid option.
 */
export function eventLog(options: EventLogOptions = {}): EventLog {
  return new SinkedEventLog(readEventLogOptions(options));
}

class SinkedEventLog implements EventLog {
  readonly instance: string;
  readonly #settings: EventLogSettings;
  /** Scope of the code that created the log. Sinks and followers belong to no call. */
  readonly #scope = captureScope();
  readonly #ids = new EventIds();
  readonly #followers: Followers;
  readonly #watcher: Watcher;
  readonly #writers: readonly SinkWriter[];
  readonly #rejections: RejectionSampler;
  /** Events that are still to be made, with the times at which they happened. */
  #makers: EventMaker[] = [];
  #isScheduled = false;
  #removeSampleTimer: (() => void) | undefined;
  /** Resolves when the writers know what an ended process has left. */
  readonly #recovered: Promise<void>;
  #written: Promise<unknown> = Promise.resolve();
  #accepted = 0;
  #dropped = 0;
  #durable = 0;
  /** Settles with the last deletion of old events. */
  #cleaning: Promise<unknown> = Promise.resolve();
  #cleanedAt = -Infinity;
  #hasReportedListener = false;
  #closing: Promise<void> | undefined;

  constructor(settings: EventLogSettings) {
    this.#settings = settings;
    this.instance = settings.instance;
    this.#followers = new Followers(settings.recent, (error) => this.#reportListener(error));
    this.#watcher = new Watcher((make) => this.#recordLater(make));
    this.#rejections = new RejectionSampler(settings.rejectionInterval);
    this.#writers = settings.sinks.map(
      (sink) =>
        new SinkWriter(sink, {
          ...settings,
          messageOf: (error) => this.#messageOf(error),
          onFault: (name, error) => this.#report(`the sink ${name} failed`, error),
          onDropped: (name, count) => this.#recordDropped(name, count),
        }),
    );
    this.#recovered = this.#recover();
  }

  record(event: NewEvent): void {
    try {
      this.#drain();
      this.#write([this.#complete(event)]);
    } catch (error) {
      this.#dropped++;
      this.#report('an event was not recorded', error);
    }
  }

  watch(target: Watchable, options?: WatchOptions): () => void {
    return this.#watcher.watch(target, options);
  }

  async tail(query?: EventQuery): Promise<EventPage> {
    const complete = readQuery(query);
    this.#drain();
    const [writer] = this.#writers as [SinkWriter];
    const waiting = writer.waiting;
    const { sink } = writer;
    const stored = await this.#asked(sink.name, () => sink.read(complete));
    const known = new Set(stored.events.map(({ id }) => id));
    const sorted = waiting.filter(({ id }) => !known.has(id)).sort((one, other) => (one.id < other.id ? -1 : 1));
    const { events } = pageOf(sorted, complete);
    if (events.length === 0) return stored;
    const sign = complete.order === 'oldest' ? 1 : -1;
    const all = [...stored.events, ...events].sort((one, other) => (one.id < other.id ? -sign : sign));
    return asPage(all, complete.limit);
  }

  follow(listener: (event: OperationsEvent) => unknown, options: FollowOptions = {}): EventSubscription {
    this.#drain();
    return this.#followers.add(listener, options);
  }

  async flush({ timeout = DEFAULT_TIMEOUT, until = 'stored' }: FlushOptions = {}): Promise<boolean> {
    this.#drain();
    this.#takeSamples(Infinity);
    const { writeAhead } = this.#settings;
    const settled =
      until === 'durable' && writeAhead !== undefined
        ? this.#written.then(() => undefined)
        : this.#recovered.then(() => Promise.all(this.#writers.map((writer) => writer.flush())));
    const accepted = this.#accepted;
    await within(settled, timeout);
    if (until === 'durable' && writeAhead !== undefined) return this.#durable >= accepted;
    return this.#writers.every((writer) => writer.isEmpty);
  }

  async clean(): Promise<number> {
    const { retention } = this.#settings;
    // A sink that is closed must not be asked again.
    if (retention === Infinity || this.#closing !== undefined) return 0;
    this.#cleanedAt = Date.now();
    const before = this.#cleanedAt - retention;
    const deleted = this.#writers.map(({ sink }) => this.#asked(sink.name, () => sink.clean(before)));
    this.#cleaning = Promise.allSettled([this.#cleaning, ...deleted]);
    const [first] = await Promise.all(deleted);
    return first ?? 0;
  }

  close(options: { readonly timeout?: number | undefined } = {}): Promise<void> {
    return (this.#closing ??= this.#close(options.timeout ?? DEFAULT_TIMEOUT));
  }

  getStats(): EventLogStats {
    const sinks = this.#writers.map((writer) => writer.getStats());
    const sum = (field: 'dropped' | 'waiting') => sinks.reduce((total, sink) => total + sink[field], 0);
    return {
      accepted: this.#accepted,
      durable: this.#settings.writeAhead === undefined ? null : this.#durable,
      written: Math.min(...sinks.map(({ written }) => written)),
      dropped: this.#dropped + sum('dropped'),
      sampled: this.#rejections.sampled,
      waiting: sum('waiting') + this.#makers.length,
      sinks,
    };
  }

  /** Records the event of a call after the call, so that nothing of it costs the caller time. */
  #recordLater(make: EventMaker): void {
    this.#makers.push(make);
    // A program that never waits for I/O would collect them without end.
    if (this.#makers.length >= MOST_MAKERS) return this.#drain();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    soon(() => this.#drain());
  }

  #drain(): void {
    this.#isScheduled = false;
    if (this.#makers.length === 0) return;
    const makers = this.#makers;
    this.#makers = [];
    const events: OperationsEvent[] = [];
    for (const make of makers) {
      try {
        const event = this.#sample(make());
        if (event !== undefined) events.push(this.#complete(event));
      } catch (error) {
        this.#dropped++;
        this.#report('an event was not recorded', error);
      }
    }
    this.#write(events);
  }

  #sample(event: NewEvent): NewEvent | undefined {
    if (event.kind !== 'rejection' || this.#settings.rejectionInterval === 0) return event;
    const sampled = this.#rejections.add(event, Number(event.time));
    this.#removeSampleTimer ??= setIdleTimer(() => this.#onSampleTimer(), this.#settings.rejectionInterval);
    return sampled;
  }

  #onSampleTimer(): void {
    this.#removeSampleTimer = undefined;
    const now = Date.now();
    this.#takeSamples(now);
    const next = this.#rejections.nextDue;
    if (next === Infinity) return;
    this.#removeSampleTimer = setIdleTimer(() => this.#onSampleTimer(), Math.max(1, next - now));
  }

  #takeSamples(now: number): void {
    this.#write(this.#rejections.takeDue(now).map((event) => this.#complete(event)));
  }

  #complete(event: NewEvent): OperationsEvent {
    const now = Date.now();
    return completeEvent(event, this.#ids.next(now), now, this.instance, this.#settings.redactor);
  }

  #write(events: readonly OperationsEvent[]): void {
    if (events.length > 0) callInScope(this.#scope, () => this.#writeInScope(events));
  }

  #writeInScope(events: readonly OperationsEvent[]): void {
    this.#accepted += events.length;
    const { writeAhead } = this.#settings;
    const ahead = writeAhead?.append(events);
    if (ahead !== undefined) {
      const durable = ahead.written.then((isWritten) => {
        if (isWritten) this.#durable += events.length;
      });
      this.#written = Promise.all([this.#written, durable]);
    }
    for (const writer of this.#writers) {
      for (const event of events) writer.add(event, ahead?.segment);
      writer.start();
    }
    for (const event of events) this.#followers.push(event);
    if (Date.now() - this.#cleanedAt >= CLEANING_INTERVAL) this.#cleanSoon();
  }

  #cleanSoon(): void {
    this.#cleanedAt = Date.now();
    if (this.#settings.retention === Infinity) return;
    soon(() => {
      this.clean().catch((error: unknown) => this.#report('old events were not deleted', error));
    });
  }

  /** Hands the sinks what an ended process has written ahead. */
  async #recover(): Promise<void> {
    const { writeAhead } = this.#settings;
    if (writeAhead === undefined) return;
    try {
      for (const segment of await writeAhead.leftover()) {
        for (const writer of this.#writers) writer.addSegment(segment);
      }
      for (const writer of this.#writers) writer.start();
    } catch (error) {
      this.#report('the events of an ended process were not read', error);
    }
  }

  async #close(timeout: number): Promise<void> {
    this.#watcher.close();
    this.#removeSampleTimer?.();
    await this.flush({ timeout });
    await within(this.#cleaning, timeout);
    this.#followers.clear();
    for (const writer of this.#writers) writer.close();
    const closings = this.#writers.map(async ({ sink }) => {
      await sink.close();
    });
    await within(Promise.allSettled([...closings, this.#settings.writeAhead?.close()]), timeout);
  }

  #recordDropped(sink: string, count: number): void {
    const summary = `${count} events found no place while the sink ${sink} was slow or failed`;
    this.record({ kind: 'dropped', severity: 'error', count, summary, details: { sink } });
  }

  async #asked<T>(sink: string, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await within(ask(), this.#settings.sinkTimeout);
      if (answer !== undefined) return answer;
    } catch (error) {
      throw new Error(`Event log: the sink ${sink} failed: ${this.#messageOf(error)}`, { cause: error });
    }
    throw new Error(`Event log: the sink ${sink} has not answered for ${this.#settings.sinkTimeout} ms`);
  }

  #reportListener(error: unknown): void {
    if (this.#hasReportedListener) return;
    this.#hasReportedListener = true;
    this.#report('a listener failed', error);
  }

  #messageOf(error: unknown): string {
    return this.#settings.redactor.text(describeFailure(error), 500);
  }

  #report(message: string, error: unknown): void {
    const text = `Event log: ${message}: ${this.#messageOf(error)}`;
    try {
      const { logger } = this.#settings;
      if (logger !== undefined) {
        const returned: unknown = logger.error(text);
        if (returned instanceof Promise) returned.catch(() => undefined);
      } else if (typeof process === 'object' && typeof process.emitWarning === 'function') {
        process.emitWarning(text, { type: 'FusewireWarning' });
      } else console.warn(text);
    } catch {
      // Nobody is left to report it to.
    }
  }
}

/** Settles like `promise`, or resolves with undefined after so many milliseconds. */
async function within<T>(promise: Promise<T>, limit: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    // It keeps the process alive: the caller waits for it.
    timer = setTimeout(resolve, limit, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
