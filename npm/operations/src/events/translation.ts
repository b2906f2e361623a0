import type { EventSeverity, NewEvent } from './event.ts';

/** Fields that the events of breakers, policies and queues may have. */
interface Source {
  readonly breaker?: string;
  readonly policy?: string;
  readonly topic?: string;
  readonly error?: unknown;
  readonly duration?: number | null;
  readonly [field: string]: unknown;
}

interface Translation {
  readonly kind: string;
  readonly severity: EventSeverity;
  readonly summary: (source: Source, name: string) => string;
  /** Fields of the source that the details have. */
  readonly details: readonly string[];
}

const message = ({ message: text }: Source): string => String(text);

/** Translation of each event into one of the log. */
const TRANSLATIONS = {
  stateChange: {
    kind: 'state-change',
    severity: 'info',
    summary: message,
    details: ['from', 'to', 'shadow', 'observed', 'threshold'],
  },
  failure: {
    kind: 'failure',
    severity: 'warning',
    summary: ({ error, duration }, name) => `${name}: a call failed${after(duration)}: ${describe(error)}`,
    details: ['error', 'duration'],
  },
  timeout: {
    kind: 'timeout',
    severity: 'warning',
    summary: ({ error, duration }, name) => `${name}: a call timed out${after(duration)}: ${describe(error)}`,
    details: ['error', 'duration'],
  },
  reject: {
    kind: 'rejection',
    severity: 'warning',
    summary: ({ reason, error }, name) =>
      `${name} rejected a call: ${typeof reason === 'string' ? reason : describe(error)}`,
    details: ['retryAfter'],
  },
  reset: {
    kind: 'reset',
    severity: 'info',
    summary: (_, name) => `${name} was reset`,
    details: [],
  },
  prediction: {
    kind: 'prediction',
    severity: 'warning',
    summary: message,
    details: ['sign', 'observed', 'threshold', 'expectedIn', 'enforced'],
  },
  retry: {
    kind: 'retry',
    severity: 'info',
    summary: ({ attempt, delay, error }, name) =>
      `${name} makes attempt ${String(attempt)} in ${Math.round(Number(delay))} ms: ${describe(error)}`,
    details: ['attempt', 'delay', 'error'],
  },
  hedge: {
    kind: 'hedge',
    severity: 'info',
    summary: ({ copy }, name) => `${name} started copy ${String(copy)} of a slow call`,
    details: ['copy'],
  },
  fallback: {
    kind: 'fallback',
    severity: 'warning',
    summary: ({ strategy, error }, name) => `${name} answered a call by ${String(strategy)}: ${describe(error)}`,
    details: ['strategy', 'error'],
  },
  created: {
    kind: 'breaker-created',
    severity: 'info',
    summary: (_, name) => `${name} was created`,
    details: [],
  },
  evicted: {
    kind: 'breaker-evicted',
    severity: 'info',
    summary: ({ reason }, name) => `${name} left its registry: ${String(reason)}`,
    details: [],
  },
  queued: {
    kind: 'message-queued',
    severity: 'info',
    summary: ({ id }, name) => `${name}: operation ${String(id)} is in the queue`,
    details: ['id', 'status', 'answered'],
  },
  failed: {
    kind: 'message-failed',
    severity: 'warning',
    summary: ({ id, attempt, delay, error }, name) =>
      `${name}: attempt ${String(attempt)} of message ${String(id)} failed, the next follows in ${Math.round(Number(delay))} ms: ${describe(error)}`,
    details: ['id', 'attempt', 'delay', 'error'],
  },
  buried: {
    kind: 'dead-letter',
    severity: 'error',
    summary: ({ id, attempt, error }, name) =>
      `${name}: message ${String(id)} is a dead letter after attempt ${String(attempt)}: ${describe(error)}`,
    details: ['id', 'attempt', 'error'],
  },
  leaseLost: {
    kind: 'lease-lost',
    severity: 'warning',
    summary: ({ id }, name) => `${name}: the lease of message ${String(id)} was lost`,
    details: ['id', 'attempt'],
  },
  fault: {
    kind: 'queue-fault',
    severity: 'error',
    summary: ({ action, error }, name) => `${name}: the store failed to ${String(action)}: ${describe(error)}`,
    details: ['action', 'error'],
  },
} satisfies Record<string, Translation>;

/** Name of an event that has a translation. */
export type SourceEventName = keyof typeof TRANSLATIONS;

/**
 * Returns the event to record for one of a breaker, a policy, a registry or a queue.
 *
 * @param breaker name of the breaker, if the event has none.
 */
export function eventOf(name: SourceEventName, payload: object, breaker: string | null): NewEvent {
  const translation: Translation = TRANSLATIONS[name];
  const source = payload as Source;
  const subject = source.breaker ?? source.policy ?? source.topic ?? breaker ?? 'unnamed';
  const fields = translation.details.filter((field) => source[field] !== undefined);
  return {
    kind: translation.kind,
    severity: severityOf(name, source) ?? translation.severity,
    breaker: source.breaker ?? breaker,
    policy: source.policy ?? source.topic ?? null,
    reason: reasonOf(source),
    ...(source['at'] instanceof Date && { time: source['at'] }),
    summary: translation.summary(source, subject),
    details: Object.fromEntries(fields.map((field) => [field, source[field]])),
  };
}

function severityOf(name: string, source: Source): EventSeverity | undefined {
  if (name !== 'stateChange' || source['to'] !== 'OPEN') return undefined;
  return source['shadow'] === true ? 'warning' : 'error';
}

/** Returns the reason of an event; of a policy's rejection, that of the error. */
function reasonOf({ reason, error }: Source): string | null {
  if (typeof reason === 'string') return reason;
  const ofError = (error as { reason?: unknown } | null | undefined)?.reason;
  return typeof ofError === 'string' ? ofError : null;
}

function after(duration: number | null | undefined): string {
  return typeof duration === 'number' ? ` after ${Math.round(duration)} ms` : '';
}

function describe(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return error === undefined ? 'its result counts as a failure' : String(error);
}
