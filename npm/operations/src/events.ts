/** `@fusewire/operations/events`: a log of what happens to breakers, policies and queues, and of what operators do. */
export { SEVERITIES } from './events/event.ts';

export type { EventKind, EventSeverity, KnownEventKind, NewEvent, OperationsEvent } from './events/event.ts';
export type { Json, JsonObject } from './json.ts';
export type { EventFilter, EventPage, EventQuery } from './events/filter.ts';
export type { EventLog, EventLogStats, EventSubscription, FollowOptions, SinkStats } from './events/log.ts';
export type { EventSink, SinkQuery } from './events/sink.ts';
export type { Watchable, WatchOptions } from './events/watch.ts';
