import type { PolicyKind } from '../run/layer.ts';

/** Event of a policy. */
export interface PolicyEvent {
  /** Name of the policy. */
  readonly policy: string;
}

/** Event of a call that is going to be tried again. */
export interface RetryEvent extends PolicyEvent {
  /** Number of the attempt that follows: 2 or more. */
  readonly attempt: number;
  /** Milliseconds until it begins. */
  readonly delay: number;
  /** Error of the attempt before, or its value if that counts as a failure. */
  readonly error: unknown;
}

/** Event of a slow call, of which a copy starts. */
export interface HedgeEvent extends PolicyEvent {
  /** Number of the copy: 1 or more. */
  readonly copy: number;
}

/** Event of a call that a timeout policy ends. */
export interface PolicyTimeoutEvent extends PolicyEvent {
  /** Error of the call. */
  readonly error: unknown;
}

/** Event of a call that begins to wait in the queue of a policy. */
export interface EnqueueEvent extends PolicyEvent {
  /** Calls in the queue, this one included. */
  readonly waiting: number;
}

/** Event of a call that a policy does not run. */
export interface PolicyRejectEvent extends PolicyEvent {
  /** Error of the call. */
  readonly error: unknown;
}

/** Event of a call that a fallback answers. */
export interface FallbackEvent extends PolicyEvent {
  /** Name of the strategy that has the answer. */
  readonly strategy: string;
  /** Error of the call, or its value if that counts as a failure. */
  readonly error: unknown;
}

/** Events of policies, each with its payload. */
export interface PolicyEvents {
  readonly retry: RetryEvent;
  readonly hedge: HedgeEvent;
  readonly timeout: PolicyTimeoutEvent;
  readonly enqueue: EnqueueEvent;
  readonly reject: PolicyRejectEvent;
  readonly fallback: FallbackEvent;
}

/** Name of an event of a policy. */
export type PolicyEventName = keyof PolicyEvents;

/** Names of the events of each kind of policy. */
export const POLICY_EVENTS: { readonly [Kind in Exclude<PolicyKind, 'breaker'>]: readonly PolicyEventName[] } = {
  bulkhead: ['enqueue', 'reject'],
  adaptiveBulkhead: ['enqueue', 'reject'],
  rateLimit: ['enqueue', 'reject'],
  shedLoad: ['reject'],
  fallback: ['fallback'],
  hedge: ['hedge'],
  retry: ['retry'],
  timeout: ['timeout'],
  cache: [],
};
