import { readOptions } from 'fusewire/kit';
import type { Logger } from 'fusewire';
import { Redactor } from '../redaction/redactor.ts';
import type { RedactionOptions } from '../redaction/options.ts';
import { randomText } from './ids.ts';
import { memoryEventSink } from './memory-sink.ts';
import type { EventSink } from './sink.ts';
import type { WriteAhead } from './write-ahead.ts';

/** Options of {@link eventLog}. */
export interface EventLogOptions {
  /** Sinks of the events, or one. `tail` reads from the first. Default: a sink in memory. */
  readonly sinks?: EventSink | readonly EventSink[] | undefined;
  /** Log on disk that keeps events until every sink has stored them. Default: none, so that events in memory can be lost. */
  readonly writeAhead?: WriteAhead | undefined;
  /** Name of this process in its events, 1 to 200 characters. Default: random. */
  readonly instance?: string | undefined;
  /** Most events of a batch: 1 to 10 000. Default 500. */
  readonly batchSize?: number | undefined;
  /** Milliseconds that an event waits for others of its batch: 0 to 60 000. Default 250. */
  readonly batchDelay?: number | undefined;
  /** Most events that wait in memory for each sink: 1 to 1 000 000. Further ones wait on disk, or are dropped. Default 10 000. */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds after which a sink that has not answered counts as failed: 1 to 600 000. Default 10 000. */
  readonly sinkTimeout?: number | undefined;
  /** Milliseconds for which sinks keep events: 60 000 to 315 360 000 000; false for ever. Default 2 592 000 000, 30 days. */
  readonly retention?: number | false | undefined;
  /** Most events in memory for `follow`: 0 to 1 000 000. Default 1 000. */
  readonly recent?: number | undefined;
  /** Milliseconds for which rejections of one breaker and reason become one event: 0 to 3 600 000. Default 1 000. */
  readonly rejectionInterval?: number | undefined;
  /** Options of the redaction of every event. */
  readonly redaction?: RedactionOptions | undefined;
  /** Logger of faults of sinks and listeners. Default: warnings of the process. */
  readonly logger?: Logger | undefined;
}

/** Validated options of a log. */
export interface EventLogSettings {
  readonly sinks: readonly EventSink[];
  readonly writeAhead: WriteAhead | undefined;
  readonly instance: string;
  readonly batchSize: number;
  readonly batchDelay: number;
  readonly maxWaiting: number;
  readonly sinkTimeout: number;
  readonly retention: number;
  readonly recent: number;
  readonly rejectionInterval: number;
  readonly redactor: Redactor;
  readonly logger: Logger | undefined;
}

const THIRTY_DAYS = 2_592_000_000;
const LONGEST_RETENTION = 315_360_000_000;
const LONGEST_NAME = 200;

/** Reads the options of a log. */
export function readEventLogOptions(options: EventLogOptions): EventLogSettings {
  const reader = readOptions('Event log', 'options', options);
  const whole = (option: string, least: number, most: number, standard: number): number =>
    reader.number(option, least, most, `a whole number from ${least} to ${most}`, true) ?? standard;
  const sinks = listOf(reader.value('sinks') ?? memoryEventSink());
  if (sinks.length === 0 || !sinks.every(isSink)) reader.report('sinks', 'type', 'an event sink, or a list of them');
  const writeAhead = reader.value('writeAhead');
  if (writeAhead !== undefined && typeof (writeAhead as Partial<WriteAhead> | null)?.append !== 'function') {
    reader.report('writeAhead', 'type', 'what writeAhead returns');
  }
  const instance = reader.value('instance') ?? randomText(8);
  if (typeof instance !== 'string' || instance === '' || instance.length > LONGEST_NAME) {
    const expected = `a text of 1 to ${LONGEST_NAME} characters`;
    reader.report('instance', typeof instance === 'string' ? 'range' : 'type', expected);
  }
  const isForEver = reader.value('retention') === false;
  const redaction = reader.value('redaction') as RedactionOptions | undefined;
  const logger = reader.value('logger');
  if (logger !== undefined && typeof (logger as Partial<Logger> | null)?.error !== 'function') {
    reader.report('logger', 'type', 'an object with the functions debug, info, warn and error');
  }
  const settings = {
    sinks: sinks as readonly EventSink[],
    writeAhead: writeAhead as WriteAhead | undefined,
    instance: instance as string,
    batchSize: whole('batchSize', 1, 10_000, 500),
    batchDelay: whole('batchDelay', 0, 60_000, 250),
    maxWaiting: whole('maxWaiting', 1, 1_000_000, 10_000),
    sinkTimeout: whole('sinkTimeout', 1, 600_000, 10_000),
    retention: isForEver ? Infinity : whole('retention', 60_000, LONGEST_RETENTION, THIRTY_DAYS),
    recent: whole('recent', 0, 1_000_000, 1_000),
    rejectionInterval: whole('rejectionInterval', 0, 3_600_000, 1_000),
    logger: logger as Logger | undefined,
  };
  reader.finish();
  return { ...settings, redactor: new Redactor({ longestStack: 4_000, mostValues: 200, ...redaction }) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isSink(value: unknown): value is EventSink {
  const { append, read, clean, close } = (value ?? {}) as Partial<EventSink>;
  return [append, read, clean, close].every((method) => typeof method === 'function');
}
