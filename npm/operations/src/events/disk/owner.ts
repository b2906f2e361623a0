import { uptime } from 'node:os';
import process from 'node:process';
import { threadId } from 'node:worker_threads';
import { randomText } from '../ids.ts';

/** Seconds by which two readings of the same time may differ. */
const TOLERANCE = 3;
const NAME = /^(\d+)-(\d+)-(\d+)-(\w+)-(\d+)\.jsonl$/;

/** Marks of the write-ahead logs of this thread that are open. */
const openMarks = new Set<string>();

/** Time at which this process began, in seconds since 1970. */
const begin = Math.round(Date.now() / 1_000 - process.uptime());

/** Owner of segments: a write-ahead log of a thread of a process. Their names say who it is. */
export class Owner {
  readonly #mark = randomText(8);
  #count = 0;

  constructor() {
    openMarks.add(this.#mark);
  }

  /** Returns the name of the next segment. */
  nextName(): string {
    return `${process.pid}-${begin}-${threadId}-${this.#mark}-${++this.#count}.jsonl`;
  }

  close(): void {
    openMarks.delete(this.#mark);
  }
}

/** Whether a file is a segment. */
export function isSegment(name: string): boolean {
  return NAME.test(name);
}

/** Whether the owner of a segment has ended. */
export function isLeftOver(name: string): boolean {
  const parts = NAME.exec(name);
  if (parts === null) return false;
  const [pid, began, thread] = parts.slice(1, 4).map(Number) as [number, number, number];
  const mark = parts[4] as string;
  if (pid === process.pid && Math.abs(began - begin) <= TOLERANCE) return thread === threadId && !openMarks.has(mark);
  // Another process may have the same id by now: in a container it always does, and after a start of the machine it may.
  const startOfMachine = Date.now() / 1_000 - uptime();
  return pid === process.pid || began < startOfMachine - TOLERANCE || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
