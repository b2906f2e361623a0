import { readOptions } from 'fusewire/kit';
import type { Alert, AlertNotification } from './alert.ts';
import { describeTimes, titleOf } from './descriptions.ts';
import { readNotifierBase } from './notifier.ts';
import type { Notifier, NotifierOptions } from './notifier.ts';
import { post, readReceiver } from './post.ts';
import type { ReceiverOptions } from './post.ts';
import { oneLine, shortened } from './text.ts';

/** Options of {@link slack}. */
export interface SlackOptions extends NotifierOptions, ReceiverOptions {
  /** Address of the incoming webhook. It is a secret: everybody who knows it can post. */
  readonly url: string | URL;
}

/** Limits of Block Kit, in characters and blocks. */
const HEADER = 150;
const SECTION = 3_000;
const MOST_BLOCKS = 50;
/** Blocks besides those of alerts: the header, and the number of alerts that were left out. */
const MOST_ALERTS = MOST_BLOCKS - 2;
const FALLBACK = 3_000;

const ICONS = {
  critical: ':rotating_light:',
  error: ':red_circle:',
  warning: ':warning:',
  info: ':information_source:',
};
const STATUS_ICONS = { resolved: ':white_check_mark:', acknowledged: ':eyes:' };

/**
 * Returns a notifier that posts to a channel of Slack through an incoming webhook, within the limits of Block Kit.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function slack(options: SlackOptions): Notifier {
  const reader = readOptions('Notifier', 'slack', options);
  const { timeout, accepts } = readNotifierBase(reader);
  const receiver = readReceiver(reader, reader.value('url'));
  const name = reader.finish('url');
  return {
    name,
    timeout,
    accepts,
    deliver: (notification, { signal }) =>
      post(receiver, { 'idempotency-key': notification.id }, JSON.stringify(messageOf(notification)), signal),
  };
}

/** Returns the message of a notification. */
function messageOf(notification: AlertNotification): object {
  const alerts = [...notification.firing, ...notification.resolved];
  const title = titleOf(notification);
  const omitted = alerts.length - MOST_ALERTS;
  return {
    text: shortened(escaped(title), FALLBACK),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shortened(title, HEADER), emoji: true } },
      ...alerts.slice(0, MOST_ALERTS).map((alert) => section(notification, alert)),
      ...(omitted > 0 ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: `and ${omitted} more` }] }] : []),
    ],
  };
}

function section({ status }: AlertNotification, alert: Alert): object {
  const icon =
    alert.state === 'resolved'
      ? STATUS_ICONS.resolved
      : status === 'acknowledged'
        ? STATUS_ICONS.acknowledged
        : ICONS[alert.severity];
  const place = `_${escaped(oneLine(`${alert.rule} · ${alert.source} · ${alert.breaker}`))}_`;
  const times = escaped(describeTimes(alert));
  const rest = `\n${place}\n${times}`;
  const summary = shortened(escaped(oneLine(alert.summary)), Math.max(1, SECTION - icon.length - rest.length - 4));
  const text = shortened(`${icon} *${summary}*${rest}`, SECTION);
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** Escapes the characters that Slack reads as markup: an alert mentions nobody, and links to nothing. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
