import type { OperationsEvent } from './event.ts';

/** Events that were written ahead together, and where. */
export interface WrittenEvents {
  /** Segment that has them; undefined if they are not written ahead. */
  readonly segment: string | undefined;
  /** Resolves with whether they are written, as durably as the options say. Never rejects. */
  readonly written: Promise<boolean>;
}

/**
 * Log on disk that keeps events until every sink has stored them, also if the process is killed. Events lie in segments, which
 * are deleted as a whole. `writeAhead` of `@fusewire/operations/disk` creates one.
 */
export interface WriteAhead {
  /** Adds events. The write happens in the background. */
  append(events: readonly OperationsEvent[]): WrittenEvents;
  /** Ends the present segment, so that it can be read. Further events go to another one. */
  rotate(): Promise<void>;
  /** Segments that an ended process has left. */
  leftover(): Promise<readonly string[]>;
  /** Reads a segment that has ended. */
  read(segment: string): Promise<readonly OperationsEvent[]>;
  /** Keeps a segment. Each call needs one of `release`. */
  hold(segment: string, count?: number): void;
  /** Deletes a segment that has ended and that nobody holds any more. */
  release(segment: string, count?: number): void;
  /** Writes what waits, and closes the files. Segments that somebody holds stay. */
  close(): Promise<void>;
  /** Returns the current counters. */
  getStats(): WriteAheadStats;
}

/** Counters of a write-ahead log. */
export interface WriteAheadStats {
  /** Events that were written, as durably as the options say. */
  readonly written: number;
  /** Events that were not written, because the disk failed or `maxSize` was reached. They still go to the sinks. */
  readonly failed: number;
  /** Bytes of all segments. */
  readonly size: number;
  /** Message of the last failure; null if the last write succeeded. */
  readonly lastError: string | null;
}
