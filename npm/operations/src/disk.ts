/** `@fusewire/operations/disk`: the write-ahead log of an event log, for Node, Bun and Deno. */
export { writeAhead } from './events/disk/write-ahead.ts';

export type { WriteAheadOptions } from './events/disk/write-ahead.ts';
export type { WriteAhead, WriteAheadStats } from './events/write-ahead.ts';
