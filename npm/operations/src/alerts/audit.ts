import type { NewEvent } from '../events/event.ts';
import type { Alert } from './alert.ts';
import type { UndeliveredEvent } from './alert-events.ts';
import type { Silence } from './muting.ts';

/** Returns the event-log entry of an alert that began to fire or has ended. */
export function changeEntry(change: 'firing' | 'resolved', alert: Alert): NewEvent {
  const { id, key, rule, source, breaker, severity, summary, observed, threshold, resolution, muted } = alert;
  return {
    kind: 'alert',
    severity: change === 'firing' ? severity : 'info',
    breaker,
    reason: resolution ?? rule,
    summary: change === 'firing' ? summary : `Resolved: ${summary}`,
    details: { change, id, key, rule, source, observed, threshold, muted: muted?.kind ?? null },
  };
}

/** Returns the event-log entry of an acknowledgement. */
export function acknowledgementEntry({ id, breaker, rule, summary }: Alert, actor: string, reason: string): NewEvent {
  const details = { change: 'acknowledged', id, rule };
  return { kind: 'alert', breaker, actor, reason, summary: `${actor} acknowledged: ${summary}`, details };
}

/** Returns the event-log entry of a silence that begins or ends. */
export function silenceEntry(
  change: 'silenced' | 'silence-ended',
  silence: Silence,
  by: string,
  why: string,
): NewEvent {
  const { id, match, until } = silence;
  const text = change === 'silenced' ? `silenced alerts until ${until.toISOString()}` : `ended the silence ${id}`;
  return { kind: 'alert', actor: by, reason: why, summary: `${by} ${text}`, details: { change, id, match } };
}

/** Returns the event-log entry of a notification that a notifier never got. */
export function undeliveredEntry({ notifier, notification, reason, error }: UndeliveredEvent): NewEvent {
  const { key, status, summary } = notification;
  return {
    kind: 'alert',
    severity: 'error',
    reason,
    summary: `The notifier ${notifier} did not get a notification (${reason}): ${summary}`,
    details: { change: 'undelivered', notifier, key, status, error },
  };
}
