/** `@fusewire/operations/alerts`: rules about breakers, and notifications to chats, pagers, mailboxes and ticket systems. */
export { alerts } from './alerts/alerts.ts';
export { email } from './alerts/email.ts';
export { pagerDuty } from './alerts/pager-duty.ts';
export { failureRate, opened, responseTime, slowCalls, stateChanges } from './alerts/rules.ts';
export { slack } from './alerts/slack.ts';
export { tickets } from './alerts/tickets.ts';
export { webhook } from './alerts/webhook.ts';

export type {
  Acknowledgement,
  Alert,
  AlertNotification,
  AlertResolution,
  AlertSeverity,
  Muting,
} from './alerts/alert.ts';
export type { AlertEvents, AlertsStats, DeliveredEvent, FaultEvent, UndeliveredEvent } from './alerts/alert-events.ts';
export type { Alerts, CloseAlertsOptions, WatchAlertsOptions } from './alerts/alerts.ts';
export type { NotifierStats, UndeliveredReason } from './alerts/channel.ts';
export type { EmailOptions, Mail, MailTransport } from './alerts/email.ts';
export type { GroupField } from './alerts/groups.ts';
export type {
  AlertMatch,
  MaintenanceWindow,
  OnceWindow,
  Silence,
  SilenceOptions,
  WeeklyWindow,
} from './alerts/muting.ts';
export type { DeliveryAttempt, Notifier, NotifierOptions } from './alerts/notifier.ts';
export type { AlertsOptions, DeliveryOptions, GroupedAlert, GroupOptions } from './alerts/options.ts';
export type { PagerDutyOptions } from './alerts/pager-duty.ts';
export type { Fetch, ReceiverOptions } from './alerts/post.ts';
export type { BreakerReading, SlowCallReading, WindowReading } from './alerts/reading.ts';
export type { AlertRule, Finding, RuleOptions } from './alerts/rule.ts';
export type {
  FailureRateOptions,
  OpenedOptions,
  ResponseTimeOptions,
  SlowCallsOptions,
  StateChangesOptions,
  WindowRuleOptions,
} from './alerts/rules.ts';
export type { SlackOptions } from './alerts/slack.ts';
export type { TicketOptions } from './alerts/tickets.ts';
export type { WebhookOptions } from './alerts/webhook.ts';
