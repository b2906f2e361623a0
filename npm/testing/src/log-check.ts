import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import type { EventLog, LogEntry, OrderEntry, OutcomeEntry } from './event-log.ts';
import { shown } from './shown.ts';

const TYPES: readonly LogEntry['type'][] = ['admission', 'outcome', 'rejection', 'order', 'transition'];
const OUTCOMES: readonly OutcomeEntry['outcome'][] = ['success', 'failure', 'timeout', 'ignored'];
const STATES = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;
const ORDERS: readonly OrderEntry['order'][] = [
  'forceOpen',
  'forceClosed',
  'shadow',
  'releaseOverride',
  'reset',
  'release',
  'open',
  'update',
];
const COUNT = 'a whole number from 0 on';
const TIME = 'a finite number of milliseconds';

/** Throws for anything but a valid log, because an edited or truncated log would replay calls that never happened. */
export function checkLog(log: unknown): asserts log is EventLog {
  const { version, entries, until } = (log ?? {}) as Partial<EventLog>;
  if (!Array.isArray(entries) || !Number.isFinite(until)) {
    throw new TypeError('replay takes the log of a recorded breaker, with entries and until');
  }
  if (version !== 1) throw new TypeError(`replay reads logs of version 1, got ${shown(version)}`);
  for (const [number, entry] of entries.entries()) checkEntry(readOptions('Log entry', String(number), entry));
}

function checkEntry(reader: OptionsReader): void {
  const type = reader.oneOf('type', TYPES);
  reader.number('at', -Number.MAX_VALUE, Number.MAX_VALUE, TIME);
  reader.finish('type', 'at', ...checkProperties(type, reader));
}

/** Reads the other properties of an entry, and returns the names of those that are required. */
function checkProperties(type: LogEntry['type'] | undefined, reader: OptionsReader): string[] {
  const count = (option: string) => reader.number(option, 0, Number.MAX_SAFE_INTEGER, COUNT, true);
  switch (type) {
    case 'admission':
      count('call');
      return ['call'];
    case 'outcome':
      count('call');
      reader.oneOf('outcome', OUTCOMES);
      reader.number('openFor', 0, Number.MAX_VALUE, TIME);
      return ['call', 'outcome'];
    case 'order':
      count('released');
      reader.number('duration', 1, Number.MAX_VALUE, TIME);
      checkChanges(reader);
      return ['order', ...requiredByOrder(reader.oneOf('order', ORDERS))];
    case 'transition':
      reader.oneOf('from', STATES);
      reader.oneOf('to', STATES);
      reader.boolean('shadow');
      reader.rest();
      return ['from', 'to', 'reason', 'shadow'];
    default:
      reader.rest();
      return [];
  }
}

function requiredByOrder(order: OrderEntry['order'] | undefined): string[] {
  if (order === 'release') return ['released'];
  return order === 'update' ? ['changes'] : [];
}

function checkChanges(reader: OptionsReader): void {
  const changes = reader.value('changes');
  if (changes !== undefined && (typeof changes !== 'object' || changes === null)) {
    reader.report('changes', 'type', 'an object with options');
  }
}
