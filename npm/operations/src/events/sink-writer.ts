import { setIdleTimer } from './timers.ts';
import type { OperationsEvent } from './event.ts';
import type { SinkStats } from './log.ts';
import type { EventSink } from './sink.ts';
import type { WriteAhead } from './write-ahead.ts';

/** Event that waits for a sink, and the segment that holds it. */
interface Waiting {
  readonly event: OperationsEvent;
  readonly segment: string | undefined;
  failures: number;
}

/** Settings of the writers of a log. */
export interface WriterSettings {
  readonly batchSize: number;
  readonly batchDelay: number;
  readonly maxWaiting: number;
  readonly sinkTimeout: number;
  readonly writeAhead: WriteAhead | undefined;
  /** Returns the message of an error, without secrets. */
  readonly messageOf: (error: unknown) => string;
  /** Reports that a sink has failed: the first time, until it has stored events again. */
  readonly onFault: (sink: string, error: unknown) => void;
  /** Reports, once there is place again, how many events a sink never got. */
  readonly onDropped: (sink: string, count: number) => void;
}

const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** Failures of an event on its own after which it is dropped, if the sink stores others. */
const MOST_FAILURES = 4;

/**
 * Writer of one sink. It appends one batch at a time, repeats what failed after pauses, and keeps a bounded number of events.
 * Those that find no place are read from the write-ahead log later, or dropped and counted.
 */
export class SinkWriter {
  readonly sink: EventSink;
  readonly #settings: WriterSettings;
  #waiting: Waiting[] = [];
  /** Segments to read from the write-ahead log. */
  readonly #backlog: string[] = [];
  /** Whether the present segment has events that found no place in memory. */
  #spilled: string | undefined;
  #running: Promise<void> | undefined;
  #removeTimer: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #written = 0;
  #dropped = 0;
  #unreported = 0;
  #failures = 0;
  /** Failures since the last batch that was stored. */
  #inRow = 0;
  #stored = 0;
  #lastError: string | null = null;
  readonly #idle: (() => void)[] = [];

  constructor(sink: EventSink, settings: WriterSettings) {
    this.sink = sink;
    this.#settings = settings;
  }

  /** Adds an event. */
  add(event: OperationsEvent, segment: string | undefined): void {
    if (this.#waiting.length < this.#settings.maxWaiting && !this.#isClosed) {
      if (segment !== undefined) this.#settings.writeAhead?.hold(segment);
      this.#waiting.push({ event, segment, failures: 0 });
    } else if (segment === undefined) this.#drop(1);
    else if (this.#spilled !== segment) {
      this.#spilled = segment;
      this.addSegment(segment);
    }
  }

  /** Adds the events of a segment that was written ahead. */
  addSegment(segment: string): void {
    this.#settings.writeAhead?.hold(segment);
    this.#backlog.push(segment);
  }

  /** Events that wait in memory. */
  get waiting(): readonly OperationsEvent[] {
    return this.#waiting.map(({ event }) => event);
  }

  /** Writes what waits: at once if there is a whole batch, and else after the delay. */
  start(): void {
    if (this.#running !== undefined || this.#isClosed || this.isEmpty) return;
    if (this.#waiting.length >= this.#settings.batchSize || this.#settings.batchDelay === 0) return this.#run();
    if (this.#removeTimer !== undefined) return;
    // It keeps the process alive: nothing is lost at the end of a program.
    const timer = setTimeout(() => this.#run(), this.#settings.batchDelay);
    this.#removeTimer = () => clearTimeout(timer);
  }

  /** Resolves when nothing waits. */
  async flush(): Promise<void> {
    if (this.#running === undefined) this.#run();
    this.#wake?.();
    if (!this.isEmpty || this.#running !== undefined) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Takes no more events, and ends pauses. */
  close(): void {
    this.#isClosed = true;
    this.#removeTimer?.();
    this.#wake?.();
  }

  getStats(): SinkStats {
    return {
      name: this.sink.name,
      written: this.#written,
      dropped: this.#dropped,
      waiting: this.#waiting.length,
      failures: this.#failures,
      lastError: this.#lastError,
    };
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#backlog.length === 0;
  }

  #run(): void {
    this.#removeTimer?.();
    this.#removeTimer = undefined;
    if (this.isEmpty) return;
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = undefined;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  async #writeAll(): Promise<void> {
    while (!this.isEmpty && !(this.#isClosed && this.#inRow > 0)) {
      if (this.#waiting.length > 0) await this.#writeWaiting();
      else await this.#writeSegment(this.#backlog[0] as string);
    }
  }

  async #writeWaiting(): Promise<void> {
    // After a failure fewer at a time: one of them may be at fault.
    const size = Math.max(1, Math.floor(this.#settings.batchSize / 2 ** Math.min(this.#inRow, 30)));
    const batch = this.#waiting.slice(0, size);
    if (await this.#append(batch.map(({ event }) => event))) {
      // None were added before them meanwhile.
      this.#waiting.splice(0, batch.length);
      for (const waiting of batch) this.#release(waiting);
      this.#reportDropped();
    } else if (batch.length === 1) this.#moveBack(batch[0] as Waiting);
  }

  /** Moves an event behind the others. Drops it if it has failed often on its own, while others were stored. */
  #moveBack(waiting: Waiting): void {
    this.#waiting.shift();
    if (++waiting.failures >= MOST_FAILURES && this.#stored > 0) {
      this.#drop(1);
      this.#release(waiting);
    } else this.#waiting.push(waiting);
    if (waiting.failures === 1) this.#stored = 0;
  }

  #release({ segment }: Waiting): void {
    if (segment !== undefined) this.#settings.writeAhead?.release(segment);
  }

  async #writeSegment(segment: string): Promise<void> {
    const { writeAhead, batchSize } = this.#settings;
    if (writeAhead === undefined) return;
    if (segment === this.#spilled) {
      this.#spilled = undefined;
      await writeAhead.rotate();
    }
    let events: readonly OperationsEvent[];
    try {
      events = await writeAhead.read(segment);
    } catch (error) {
      // The segment stays: it is read again after the pause.
      this.#fail(error);
      return this.#pause(undefined);
    }
    for (let start = 0; start < events.length;) {
      if (await this.#append(events.slice(start, start + batchSize))) start += batchSize;
      else if (this.#isClosed) return;
    }
    this.#backlog.shift();
    writeAhead.release(segment);
  }

  /** Appends a batch. Returns whether it was stored; if not, after a pause. */
  async #append(events: readonly OperationsEvent[]): Promise<boolean> {
    let appended: Promise<void> | undefined;
    try {
      // A sink may throw, too.
      appended = Promise.resolve(this.sink.append(events));
      await within(appended, this.#settings.sinkTimeout);
    } catch (error) {
      this.#fail(error);
      // A batch that hangs may still be stored: the next one waits for it, but not for ever.
      await this.#pause(appended);
      return false;
    }
    this.#written += events.length;
    this.#stored += events.length;
    this.#inRow = 0;
    this.#lastError = null;
    return true;
  }

  #fail(error: unknown): void {
    this.#failures++;
    this.#lastError = this.#settings.messageOf(error);
    if (this.#inRow++ === 0) this.#settings.onFault(this.sink.name, error);
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#unreported += count;
  }

  #reportDropped(): void {
    const count = this.#unreported;
    if (count === 0 || this.#isClosed) return;
    this.#unreported = 0;
    this.#settings.onDropped(this.sink.name, count);
  }

  async #pause(hanging: Promise<void> | undefined): Promise<void> {
    if (this.#isClosed) return;
    const length = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** Math.min(this.#inRow - 1, 10));
    await new Promise<void>((resolve) => {
      const removeTimer = setIdleTimer(resolve, length);
      this.#wake = () => {
        removeTimer();
        resolve();
      };
      hanging?.then(this.#wake, () => undefined);
    });
    this.#wake = undefined;
  }
}

/** Settles like `promise`, or rejects after so many milliseconds. */
async function within(promise: Promise<void>, limit: number): Promise<void> {
  let removeTimer: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    removeTimer = setIdleTimer(() => reject(new Error(`the sink has not answered for ${limit} ms`)), limit);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    removeTimer?.();
  }
}
