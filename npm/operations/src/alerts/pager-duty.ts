import { readOptions } from 'fusewire/kit';
import type { Alert, AlertNotification } from './alert.ts';
import { readNotifierBase } from './notifier.ts';
import type { Notifier, NotifierOptions } from './notifier.ts';
import { post, readReceiver } from './post.ts';
import type { ReceiverOptions } from './post.ts';
import { oneLine, shortened } from './text.ts';

/** Options of {@link pagerDuty}. */
export interface PagerDutyOptions extends NotifierOptions, ReceiverOptions {
  /** Integration key of the service. It is a secret. */
  readonly routingKey: string;
  /** Address of the Events API v2. Default: that of the service region US, `https://events.pagerduty.com/v2/enqueue`. */
  readonly url?: string | URL | undefined;
  /** Name of the machine or the service in PagerDuty. Default: the name of the alerts. */
  readonly source?: string | undefined;
}

const ADDRESS = 'https://events.pagerduty.com/v2/enqueue';
/** Limits of the Events API: characters of the summary, and alerts for which the body stays far below 512 KB. */
const SUMMARY = 1_024;
const MOST_ALERTS = 50;
const LONGEST_KEY = 50;

const ACTIONS = { firing: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const;

/**
 * Returns a notifier that sends events to PagerDuty. The key of the group is the `dedup_key`: the first notification triggers an
 * incident, and the last one resolves it.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function pagerDuty(options: PagerDutyOptions): Notifier {
  const reader = readOptions('Notifier', 'pagerduty', options);
  const { timeout, accepts } = readNotifierBase(reader);
  const receiver = readReceiver(reader, reader.value('url') ?? ADDRESS);
  const routingKey = reader.value('routingKey');
  const isKey = typeof routingKey === 'string' && routingKey.length > 0 && routingKey.length <= LONGEST_KEY;
  if (routingKey !== undefined && !isKey) reader.report('routingKey', 'type', 'an integration key');
  const source = reader.value('source');
  if (source !== undefined && typeof source !== 'string') reader.report('source', 'type', 'a string');
  const name = reader.finish('routingKey');
  return {
    name,
    timeout,
    accepts,
    deliver(notification, { signal }) {
      const event = eventOf(notification, source as string | undefined);
      return post(receiver, {}, JSON.stringify({ routing_key: routingKey, ...event }), signal);
    },
  };
}

/** Returns the event of a notification, without its routing key. */
function eventOf(notification: AlertNotification, source: string | undefined): object {
  const { key, status, severity, summary, name, firing, resolved, at } = notification;
  const event = { event_action: ACTIONS[status], dedup_key: key };
  if (status !== 'firing') return event;
  const [first] = firing;
  return {
    ...event,
    client: name,
    payload: {
      summary: shortened(oneLine(summary), SUMMARY),
      source: source ?? name,
      severity,
      timestamp: at.toISOString(),
      component: first?.breaker,
      group: first?.source,
      class: first?.rule,
      custom_details: {
        firing: firing.slice(0, MOST_ALERTS).map(detailsOf),
        resolved: resolved.slice(0, MOST_ALERTS).map(detailsOf),
        omitted: Math.max(0, firing.length - MOST_ALERTS) + Math.max(0, resolved.length - MOST_ALERTS),
      },
    },
  };
}

function detailsOf({ rule, source, breaker, severity, summary, observed, threshold, startedAt }: Alert): object {
  return { rule, source, breaker, severity, summary: shortened(summary, SUMMARY), observed, threshold, startedAt };
}
