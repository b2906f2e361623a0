import type { JsonObject } from '../json.ts';

/** Severity of an event, from the least to the most severe. */
export type EventSeverity = 'info' | 'warning' | 'error' | 'critical';

/** Severities, the least severe first. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const satisfies readonly EventSeverity[];

/** Kinds of events that the log itself records. */
export type KnownEventKind =
  /**
   * A circuit changed its state. `reason` is that of the transition, `'override'` if an operator forced it. `details` has
   * `from`, `to`, `shadow`, `override`, `observed` and `threshold`.
   */
  | 'state-change'
  /** An operator reset a breaker. A `state-change` follows if the circuit was not closed. */
  | 'reset'
  /** A call failed. */
  | 'failure'
  /** A call timed out: in the breaker, or in a timeout policy. */
  | 'timeout'
  /** A breaker or a policy did not admit a call. Sampled: `count` is the number of rejections that the event represents. */
  | 'rejection'
  /** A call is tried again. */
  | 'retry'
  /** A copy of a slow call was started. */
  | 'hedge'
  /** A fallback answered a call. */
  | 'fallback'
  /** An opening was predicted. */
  | 'prediction'
  /** A registry created a breaker. */
  | 'breaker-created'
  /** A breaker left its registry. */
  | 'breaker-evicted'
  /** An operation was added to a queue. */
  | 'message-queued'
  /** An attempt of a queued operation failed. */
  | 'message-failed'
  /** A queued operation became a dead letter. */
  | 'dead-letter'
  /** A consumer lost the lease of a message. */
  | 'lease-lost'
  /** The store of a queue failed. */
  | 'queue-fault'
  /** Somebody changed something: `actor` is who, `reason` is why, and `details` is what. */
  | 'administration'
  /** An alert was raised, delivered, silenced or resolved. */
  | 'alert'
  /** Events were dropped; `count` is their number. */
  | 'dropped';

/** Kind of an event: one of those that the log records, or one of a program, such as `conexxus.sync.failed.push_sales`. */
export type EventKind = KnownEventKind | (string & {});

/** Something that happened, as the event log keeps it. All of it is JSON, and free of secrets. */
export interface OperationsEvent {
  /** Unique id. Ids sort as texts in the order of time, and are the cursors of `tail` and `follow`. */
  readonly id: string;
  /** Time at which it happened, in milliseconds since 1970. */
  readonly time: number;
  readonly kind: EventKind;
  readonly severity: EventSeverity;
  /** Name of the breaker that it concerns, or null. */
  readonly breaker: string | null;
  /** Name of the policy, or topic of the queue, that it concerns; or null. */
  readonly policy: string | null;
  /** Process that recorded it. */
  readonly instance: string;
  /** Person or program that caused it, or null. */
  readonly actor: string | null;
  /** Reason: of a transition, a rejection or an eviction, or in the words of the actor; or null. */
  readonly reason: string | null;
  /** Number of occurrences that it represents; above 1 for sampled ones. */
  readonly count: number;
  /** The event as a sentence. */
  readonly summary: string;
  readonly details: JsonObject;
}

/** Event to record. The log completes, redacts and shortens it. */
export interface NewEvent {
  readonly kind: EventKind;
  /** Default `'info'`. */
  readonly severity?: EventSeverity | undefined;
  /** Milliseconds since 1970. Default: now. */
  readonly time?: number | Date | undefined;
  readonly breaker?: string | null | undefined;
  readonly policy?: string | null | undefined;
  readonly actor?: string | null | undefined;
  readonly reason?: string | null | undefined;
  /** Default 1. */
  readonly count?: number | undefined;
  /** Default: the kind. */
  readonly summary?: string | undefined;
  /** Any object. What is not JSON is replaced, errors are copied with their stacks, and secrets are redacted. */
  readonly details?: object | undefined;
}
