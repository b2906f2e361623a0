import { alerts, failureRate, opened, pagerDuty, slack, tickets } from '@fusewire/operations/alerts';
import type { Alerts, MaintenanceWindow, Notifier } from '@fusewire/operations/alerts';
import type { EventLog } from '@fusewire/operations/events';
import type { Variables } from '../variables.ts';

/**
 * Returns alerts that fire when the circuit opens, and when a synchronisation fails. `ALERT_MAINTENANCE` is a weekly time without
 * notifications, such as `sun 02:00-04:00`.
 */
export function createAlerts(variables: Variables, log: EventLog): Alerts {
  const { ALERT_SLACK_URL, ALERT_TICKETS_URL, ALERT_PAGERDUTY_KEY, ALERT_MAINTENANCE } = variables;
  const notifiers: Notifier[] = [];
  if (ALERT_SLACK_URL) notifiers.push(slack({ url: ALERT_SLACK_URL }));
  if (ALERT_TICKETS_URL) {
    const accepts: Notifier['accepts'] = ({ firing }) => firing.some(({ rule }) => rule === 'opened');
    notifiers.push(tickets({ url: ALERT_TICKETS_URL, accepts }));
  }
  if (ALERT_PAGERDUTY_KEY) notifiers.push(pagerDuty({ routingKey: ALERT_PAGERDUTY_KEY, severity: 'critical' }));
  return alerts({
    name: 'conexxus',
    rules: [
      // A circuit that an operator holds open is no news to him.
      opened(),
      failureRate({ name: 'sync-failed', over: 0, minimumCalls: 1, within: 300_000, severity: 'warning' }),
    ],
    notifiers,
    maintenance: ALERT_MAINTENANCE ? [windowOf(ALERT_MAINTENANCE)] : [],
    log,
  });
}

function windowOf(text: string): MaintenanceWindow {
  const [, day, from, to] = /^(mon|tue|wed|thu|fri|sat|sun) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (day === undefined || from === undefined || to === undefined) {
    throw new Error(`Alerts configuration errors: ALERT_MAINTENANCE must be like "sun 02:00-04:00"`);
  }
  return { days: [day as 'sun'], from, to, timeZone: 'UTC', why: 'weekly maintenance' };
}
