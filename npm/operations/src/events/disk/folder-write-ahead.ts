import { open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure } from '../failure.ts';
import { setIdleTimer } from '../timers.ts';
import type { OperationsEvent } from '../event.ts';
import type { WriteAhead, WriteAheadStats, WrittenEvents } from '../write-ahead.ts';
import { isLeftOver, Owner } from './owner.ts';

/** Settings of a write-ahead log. */
export interface FolderSettings {
  readonly folder: string;
  readonly fsync: 'always' | 'never' | number;
  readonly maxSize: number;
  readonly segmentSize: number;
}

interface Segment {
  readonly name: string;
  size: number;
  holds: number;
  hasEnded: boolean;
}

interface OpenFile {
  readonly name: string;
  readonly handle: FileHandle;
  /** Whether its last write failed half-way. */
  isTorn: boolean;
}

/** Work of the background, in the order in which it was requested. */
interface Task {
  readonly segment: string;
  /** Lines to write; undefined to close the file. */
  readonly lines: string | undefined;
  readonly count: number;
  readonly resolve: (isDone: boolean) => void;
}

/** Write-ahead log in a folder of segments: files of one event a line. */
export class FolderWriteAhead implements WriteAhead {
  readonly #settings: FolderSettings;
  readonly #owner = new Owner();
  readonly #segments = new Map<string, Segment>();
  #current: Segment;
  #size = 0;
  #tasks: Task[] = [];
  #running: Promise<void> | undefined;
  #file: OpenFile | undefined;
  #syncedAt = 0;
  #removeSyncTimer: (() => void) | undefined;
  #written = 0;
  #failed = 0;
  #lastError: string | null = null;
  #isClosed = false;

  constructor(settings: FolderSettings) {
    this.#settings = settings;
    this.#current = this.#nextSegment();
  }

  append(events: readonly OperationsEvent[]): WrittenEvents {
    if (this.#current.size >= this.#settings.segmentSize) this.#end();
    const segment = this.#current;
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const length = Buffer.byteLength(lines);
    if (this.#isClosed || this.#size + length > this.#settings.maxSize) {
      this.#failed += events.length;
      this.#lastError = this.#isClosed ? 'the write-ahead log is closed' : 'the segments have reached maxSize';
      return { segment: undefined, written: Promise.resolve(false) };
    }
    segment.size += length;
    this.#size += length;
    return { segment: segment.name, written: this.#add(segment.name, lines, events.length) };
  }

  async rotate(): Promise<void> {
    await this.#end();
  }

  async leftover(): Promise<readonly string[]> {
    const names = (await readdir(this.#settings.folder)).filter(isLeftOver).sort();
    for (const name of names) {
      const { size } = await stat(join(this.#settings.folder, name));
      this.#segments.set(name, { name, size, holds: 0, hasEnded: true });
      this.#size += size;
    }
    return names;
  }

  async read(segment: string): Promise<readonly OperationsEvent[]> {
    const text = await readFile(join(this.#settings.folder, segment), 'utf8').catch((error: unknown) => {
      // Another process has handed over the events of an ended one, and deleted the segment.
      if (isMissing(error)) return '';
      throw error;
    });
    return text.split('\n').flatMap((line) => {
      // The last line is cut if the process was killed while it wrote.
      const event = parse(line);
      return event === undefined ? [] : [event];
    });
  }

  hold(name: string, count = 1): void {
    const segment = this.#segments.get(name);
    if (segment !== undefined) segment.holds += count;
  }

  release(name: string, count = 1): void {
    const segment = this.#segments.get(name);
    if (segment === undefined) return;
    segment.holds -= count;
    void this.#deleteIfDone(segment);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#end();
    await this.#running;
    this.#removeSyncTimer?.();
    this.#owner.close();
  }

  getStats(): WriteAheadStats {
    return { written: this.#written, failed: this.#failed, size: this.#size, lastError: this.#lastError };
  }

  #nextSegment(): Segment {
    const segment = { name: this.#owner.nextName(), size: 0, holds: 0, hasEnded: false };
    this.#segments.set(segment.name, segment);
    return segment;
  }

  /** Ends the present segment. Resolves when its file is closed. */
  async #end(): Promise<void> {
    const segment = this.#current;
    this.#current = this.#nextSegment();
    await this.#add(segment.name, undefined, 0);
    segment.hasEnded = true;
    await this.#deleteIfDone(segment);
  }

  async #deleteIfDone(segment: Segment): Promise<void> {
    if (!segment.hasEnded || segment.holds > 0 || !this.#segments.delete(segment.name)) return;
    this.#size -= segment.size;
    try {
      await unlink(join(this.#settings.folder, segment.name));
    } catch (error) {
      // It has no file if it was empty, and another process may have deleted what was left.
      if (!isMissing(error)) this.#lastError = describeFailure(error);
    }
  }

  #add(segment: string, lines: string | undefined, count: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#tasks.push({ segment, lines, count, resolve });
      this.#running ??= this.#runAll().finally(() => (this.#running = undefined));
    });
  }

  async #runAll(): Promise<void> {
    while (this.#tasks.length > 0) {
      const tasks = this.#takeTasks();
      const [{ segment, lines }] = tasks as [Task];
      const isDone = lines === undefined ? await this.#closeFile(segment) : await this.#write(segment, tasks);
      for (const { resolve } of tasks) resolve(isDone);
    }
  }

  /** Takes the tasks that one write can do. */
  #takeTasks(): Task[] {
    const [first] = this.#tasks as [Task];
    const isOther = (task: Task) => task.segment !== first.segment || task.lines === undefined;
    const end = first.lines === undefined ? 1 : this.#tasks.findIndex(isOther);
    return this.#tasks.splice(0, end < 0 ? this.#tasks.length : end);
  }

  async #write(segment: string, tasks: readonly Task[]): Promise<boolean> {
    const count = tasks.reduce((sum, task) => sum + task.count, 0);
    try {
      const file = await this.#openFile(segment);
      // After a write that failed half-way, a line of its own keeps what follows readable.
      const text = (file.isTorn ? '\n' : '') + tasks.map(({ lines }) => lines).join('');
      file.isTorn = true;
      await writeAll(file.handle, Buffer.from(text));
      file.isTorn = false;
      if (this.#settings.fsync === 'always') await file.handle.datasync();
      else this.#syncLater();
      this.#written += count;
      this.#lastError = null;
      return true;
    } catch (error) {
      this.#failed += count;
      this.#lastError = describeFailure(error);
      return false;
    }
  }

  async #openFile(name: string): Promise<OpenFile> {
    if (this.#file?.name === name) return this.#file;
    const handle = await open(join(this.#settings.folder, name), 'a', 0o600);
    if (this.#settings.fsync === 'always') await syncFolder(this.#settings.folder);
    return (this.#file = { name, handle, isTorn: false });
  }

  async #closeFile(name: string): Promise<boolean> {
    const file = this.#file;
    if (file?.name !== name) return true;
    this.#file = undefined;
    try {
      if (this.#settings.fsync !== 'never') await file.handle.datasync();
      await file.handle.close();
      return true;
    } catch (error) {
      this.#lastError = describeFailure(error);
      return false;
    }
  }

  /** Brings what was written to the disk itself within the interval. */
  #syncLater(): void {
    const { fsync } = this.#settings;
    if (typeof fsync !== 'number' || this.#removeSyncTimer !== undefined) return;
    const delay = Math.max(0, this.#syncedAt + fsync - performance.now());
    this.#removeSyncTimer = setIdleTimer(() => {
      this.#removeSyncTimer = undefined;
      this.#syncedAt = performance.now();
      // A file that was closed meanwhile is on the disk already.
      this.#file?.handle.datasync().catch((error: unknown) => (this.#lastError = describeFailure(error)));
    }, delay);
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let start = 0; start < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, start);
    start += bytesWritten;
  }
}

/** Brings the entries of a folder to the disk, where the file system can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows cannot, and needs not.
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT';
}

function parse(line: string): OperationsEvent | undefined {
  if (line === '') return undefined;
  try {
    const event = JSON.parse(line) as OperationsEvent;
    return typeof event.id === 'string' && typeof event.time === 'number' ? event : undefined;
  } catch {
    return undefined;
  }
}
