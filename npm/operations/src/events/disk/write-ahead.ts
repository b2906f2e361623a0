import { mkdirSync } from 'node:fs';
import { readOptions } from 'fusewire/kit';
import type { WriteAhead } from '../write-ahead.ts';
import { FolderWriteAhead } from './folder-write-ahead.ts';

/** Options of {@link writeAhead}. */
export interface WriteAheadOptions {
  /**
   * Folder of the segments. It is created if it does not exist. Processes of one machine may share it if they have the
   * same sinks; machines and containers may not.
   */
  readonly folder: string;
  /**
   * When written events reach the disk itself. `'always'`: before they count as durable, so that they survive a loss of power.
   * A number: at most so many milliseconds later, 1 to 600 000. `'never'`: when the operating system writes them. In each case
   * durable events survive `kill -9`. Default 1 000.
   */
  readonly fsync?: 'always' | 'never' | number | undefined;
  /** Most bytes of all segments: 1 048 576 to 1 099 511 627 776. Further events are not written ahead. Default 268 435 456. */
  readonly maxSize?: number | undefined;
  /** Bytes from which on a segment ends: 4 096 to 1 073 741 824. Default 4 194 304. */
  readonly segmentSize?: number | undefined;
}

const DEFAULT_FSYNC = 1_000;
const LONGEST_INTERVAL = 600_000;
const FSYNC = `'always', 'never' or a number of milliseconds from 1 to ${LONGEST_INTERVAL}`;

/**
 * Returns a write-ahead log in a folder. Events are written in the background: the disk never holds up a call.
 *
 * @throws {OptionsError} with every invalid option.
 * @throws the error of the file system if the folder cannot be created.
 */
export function writeAhead(options: WriteAheadOptions): WriteAhead {
  const reader = readOptions('Write-ahead log', 'options', options);
  const folder = reader.value('folder');
  if (folder !== undefined && (typeof folder !== 'string' || folder === '')) {
    reader.report('folder', typeof folder === 'string' ? 'range' : 'type', 'the path of a folder');
  }
  const fsync = reader.value('fsync') ?? DEFAULT_FSYNC;
  if (
    typeof fsync === 'number' ? !(fsync >= 1 && fsync <= LONGEST_INTERVAL) : fsync !== 'always' && fsync !== 'never'
  ) {
    reader.report('fsync', typeof fsync === 'number' || typeof fsync === 'string' ? 'range' : 'type', FSYNC);
  }
  const bytes = (option: string, least: number, most: number): number | undefined =>
    reader.number(option, least, most, `a whole number of bytes from ${least} to ${most}`, true);
  const maxSize = bytes('maxSize', 1_048_576, 1_099_511_627_776) ?? 268_435_456;
  const segmentSize = bytes('segmentSize', 4_096, 1_073_741_824) ?? 4_194_304;
  reader.finish('folder');
  mkdirSync(folder as string, { recursive: true, mode: 0o700 });
  return new FolderWriteAhead({
    folder: folder as string,
    fsync: fsync as 'always' | 'never' | number,
    maxSize,
    segmentSize,
  });
}
