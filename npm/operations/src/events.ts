/** `@fusewire/operations/events`: a log of what happens to breakers, policies and queues, and of what operators do. */
export { eventLog } from './events/event-log.ts';
export { eventLogTable } from './events/event-log-table.ts';
export { SEVERITIES } from './events/event.ts';
export { asPage, eventMatcher, listOf, readQuery, severitiesFrom } from './events/filter.ts';
export { memoryEventSink } from './events/memory-sink.ts';

export type { EventKind, EventSeverity, KnownEventKind, NewEvent, OperationsEvent } from './events/event.ts';
export type { Json, JsonObject } from './json.ts';
export type { EventFilter, EventPage, EventQuery, SinkQuery } from './events/filter.ts';
export type {
  EventLog,
  EventLogStats,
  EventSubscription,
  FlushOptions,
  FollowOptions,
  SinkStats,
} from './events/log.ts';
export type { EventLogRow, EventLogTableOptions } from './events/event-log-table.ts';
export type { EventLogOptions } from './events/options.ts';
export type { EventSink } from './events/sink.ts';
export type { MemoryEventSinkOptions } from './events/memory-sink.ts';
export type { WriteAhead, WriteAheadStats, WrittenEvents } from './events/write-ahead.ts';
export type { Watchable, WatchOptions } from './events/watch.ts';
