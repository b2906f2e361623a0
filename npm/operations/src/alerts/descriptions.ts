import type { Alert, AlertNotification } from './alert.ts';
import { period } from './rules.ts';
import { oneLine } from './text.ts';

const WORDS = { firing: 'Firing', acknowledged: 'Acknowledged', resolved: 'Resolved' } as const;

/** Returns the title of a notification, in one line. */
export function titleOf({ status, severity, summary, name }: AlertNotification): string {
  return oneLine(`${WORDS[status]} (${severity}) ${name}: ${summary}`);
}

/** Returns the times of an alert as a sentence. */
export function describeTimes(alert: Alert): string {
  const { startedAt, resolvedAt, resolution, acknowledged } = alert;
  const since = `since ${startedAt.toISOString()}`;
  const by = acknowledged === null ? '' : `; acknowledged by ${oneLine(acknowledged.by)}: ${oneLine(acknowledged.why)}`;
  if (resolvedAt === null) return `${since}${by}`;
  const lasted = period(Math.max(0, resolvedAt.getTime() - startedAt.getTime()));
  const reason = { recovered: '', 'breaker-gone': '; the breaker is gone', 'rule-removed': '; the rule was removed' };
  return `${since}, for ${lasted}${reason[resolution ?? 'recovered']}${by}`;
}

/** Returns a notification as a text of several lines. */
export function textOf(notification: AlertNotification): string {
  const { key, firing, resolved, status } = notification;
  const part = (title: string, alerts: readonly Alert[]) =>
    alerts.length === 0 ? [] : ['', title, ...alerts.flatMap(linesOf)];
  return [
    titleOf(notification),
    ...part(status === 'acknowledged' ? 'Acknowledged:' : 'Firing:', firing),
    ...part('Resolved:', resolved),
    '',
    `Key: ${oneLine(key)}`,
  ].join('\n');
}

function linesOf(alert: Alert): string[] {
  const { summary, rule, source, breaker, severity } = alert;
  return [
    `- ${oneLine(summary)}`,
    `  ${oneLine(`${severity}, rule ${rule}, breaker ${breaker} of ${source}`)}`,
    `  ${describeTimes(alert)}`,
  ];
}
