import { readOptions } from 'fusewire/kit';
import type { AlertNotification } from './alert.ts';
import { textOf } from './descriptions.ts';
import type { Notifier } from './notifier.ts';
import { oneLine, shortened } from './text.ts';
import { posting } from './webhook.ts';
import type { WebhookOptions } from './webhook.ts';

/** Options of {@link tickets}. */
export interface TicketOptions extends WebhookOptions {
  /** Statuses for which a request is sent. Default: only `['firing']`, which opens a ticket. */
  readonly statuses?: readonly AlertNotification['status'][] | undefined;
  /**
   * Returns the body in the form of the ticket system, which is sent as JSON. Default: `title`, `description`, `priority`,
   * `labels`, `externalId` and `status`.
   */
  readonly body?: ((notification: AlertNotification) => unknown) | undefined;
}

const STATUSES: readonly unknown[] = ['firing', 'acknowledged', 'resolved'];
const PRIORITIES = { critical: 'highest', error: 'high', warning: 'medium', info: 'low' } as const;
const LONGEST_TITLE = 250;

/**
 * Returns a notifier that opens a ticket for each group of alerts, by a request to the ticket system.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function tickets(options: TicketOptions): Notifier {
  const reader = readOptions('Notifier', 'tickets', options);
  const given = reader.value('statuses') ?? ['firing'];
  const statuses: readonly unknown[] = Array.isArray(given) ? given : [];
  if (!Array.isArray(given) || !statuses.every((status) => STATUSES.includes(status)))
    reader.report('statuses', 'type', "an array of 'firing', 'acknowledged' and 'resolved'");
  const notifier = posting(reader, ticketOf);
  return {
    ...notifier,
    accepts: (notification) => statuses.includes(notification.status) && (notifier.accepts?.(notification) ?? true),
    deliver: (notification, attempt) => notifier.deliver(notification, attempt),
  };
}

function ticketOf(notification: AlertNotification): object {
  const { key, status, severity, summary, firing, resolved } = notification;
  const alerts = [...firing, ...resolved];
  return {
    title: shortened(oneLine(summary), LONGEST_TITLE),
    description: textOf(notification),
    priority: PRIORITIES[severity],
    labels: [...new Set(['circuit-breaker', ...alerts.map(({ rule }) => rule)])],
    externalId: key,
    status,
  };
}
