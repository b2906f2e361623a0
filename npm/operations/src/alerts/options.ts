import type { Clock, Logger } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import type { EventLog } from '../events/log.ts';
import type { Alert } from './alert.ts';
import type { DeliverySettings } from './channel.ts';
import type { GroupField } from './groups.ts';
import { Mutings } from './muting.ts';
import type { MaintenanceWindow } from './muting.ts';
import type { Notifier } from './notifier.ts';
import { readDuration } from './rule.ts';
import type { AlertRule } from './rule.ts';
import { steadyTime } from './steady-time.ts';

/** Options of `alerts`. Durations are milliseconds. */
export interface AlertsOptions {
  /**
   * Name of the service in notifications, and the first part of their keys: 1 to 200 characters. Processes with the same name
   * share the incidents of PagerDuty. Default `'alerts'`.
   */
  readonly name?: string | undefined;
  /** Rules. Default: `opened()`, `failureRate()`, `responseTime()` and `stateChanges()`. */
  readonly rules?: readonly AlertRule[] | undefined;
  /** Receivers of notifications. Default: none; listeners get the alerts in any case. */
  readonly notifiers?: readonly Notifier[] | undefined;
  /**
   * Time between two evaluations of all breakers: 1 to 2 147 483 647. A breaker whose state has changed is evaluated within a
   * second. False: only `evaluate()` evaluates. Default 10 000.
   */
  readonly interval?: number | false | undefined;
  /** Shortest time between two announcements that an alert fires, for rules without their own. Default 300 000. */
  readonly coolDown?: number | undefined;
  /** Alerts that one notification announces together. Default: each alert is announced by itself, at once. */
  readonly group?: GroupOptions | undefined;
  /** Times at which alerts are not announced. Default: none. */
  readonly maintenance?: readonly MaintenanceWindow[] | undefined;
  /** Limits of the delivery to each notifier. */
  readonly delivery?: DeliveryOptions | undefined;
  /** Most resolved alerts that `history()` has: 0 to 100 000. Default 1 000. */
  readonly historySize?: number | undefined;
  /** Event log that records alerts, acknowledgements, silences and notifications that were not delivered. Default: none. */
  readonly log?: Pick<EventLog, 'record'> | undefined;
  /** Receives faults of rules and listeners. Default: the first fault of each kind is a warning of the process. */
  readonly logger?: Logger | undefined;
  /** Clock of the windows, durations and delays. Default: `performance.now()` and the timers of the runtime. */
  readonly clock?: Clock | undefined;
  /** Returns the time of day, in milliseconds since 1970. Default: `Date.now`. */
  readonly timeOfDay?: (() => number) | undefined;
}

/** Grouping of alerts. */
export interface GroupOptions {
  /** Fields that the alerts of a group have in common, or a function that returns the key. Default: rule, source and breaker. */
  readonly by?: readonly GroupField[] | ((alert: GroupedAlert) => string) | undefined;
  /** Time for which an announcement waits for others of its group. Default 0: until the end of the evaluation. */
  readonly wait?: number | undefined;
}

/** Fields of an alert by which it can be grouped. */
export type GroupedAlert = Pick<Alert, GroupField>;

/** Limits of the delivery of notifications. */
export interface DeliveryOptions {
  /** Most attempts for one notification: 1 to 1 000. Default 20. */
  readonly attempts?: number | undefined;
  /** Time after which a notification is given up: 1 to 2 147 483 647. Default 900 000. */
  readonly giveUpAfter?: number | undefined;
  /** Most notifications that wait for one notifier: 1 to 100 000. Default 1 000. */
  readonly queueSize?: number | undefined;
}

/** Validated options. */
export interface AlertsSettings {
  readonly name: string;
  readonly rules: readonly unknown[] | undefined;
  readonly notifiers: readonly unknown[];
  readonly interval: number | false;
  readonly coolDown: number;
  readonly groupBy: readonly GroupField[] | ((alert: GroupedAlert) => string);
  readonly groupWait: number;
  readonly mutings: Mutings;
  readonly delivery: DeliverySettings;
  readonly historySize: number;
  readonly log: Pick<EventLog, 'record'> | undefined;
  readonly logger: Logger | undefined;
}

const FIELDS: readonly GroupField[] = ['rule', 'source', 'breaker', 'severity'];

/**
 * Reads the options of `alerts`.
 *
 * @throws {OptionsError} with every problem.
 */
export function readAlertsOptions(options: unknown): AlertsSettings {
  const reader = readOptions('Alerts', 'alerts', options === undefined ? {} : options);
  const rules = readList(reader, 'rules');
  const notifiers = readList(reader, 'notifiers') ?? [];
  const interval = reader.value('interval') === false ? false : (reader.milliseconds('interval') ?? 10_000);
  const coolDown = readDuration(reader, 'coolDown') ?? 300_000;
  const historySize = reader.number('historySize', 0, 100_000, 'a whole number from 0 to 100 000', true) ?? 1_000;
  const clock = reader.callable('clock') as Clock | undefined;
  const timeOfDay = timeOfDayOf(reader.callable('timeOfDay') as (() => number) | undefined);
  const log = readObject(reader, 'log', 'an event log', ['record']) as AlertsOptions['log'];
  const logger = readObject(reader, 'logger', 'an object with debug, info, warn and error', [
    'error',
  ]) as AlertsOptions['logger'];
  const [group, delivery, maintenance] = [reader.value('group'), reader.value('delivery'), reader.value('maintenance')];
  const name = reader.finish();
  return {
    ...{ name, rules, notifiers, interval, coolDown, historySize, log, logger },
    ...readGroup(group),
    mutings: new Mutings(maintenance),
    delivery: { name, time: steadyTime(clock), timeOfDay, ...readDelivery(delivery) },
  };
}

function readGroup(options: unknown): Pick<AlertsSettings, 'groupBy' | 'groupWait'> {
  const reader = readOptions('Alerts', 'group', options === undefined ? {} : options);
  const wait = readDuration(reader, 'wait') ?? 0;
  const by = reader.value('by') ?? ['rule', 'source', 'breaker'];
  const isList = Array.isArray(by) && by.every((field) => FIELDS.includes(field as GroupField));
  if (!isList && typeof by !== 'function')
    reader.report('by', 'type', "a function or an array of 'rule', 'source', 'breaker' and 'severity'");
  reader.finish();
  return { groupBy: by as AlertsSettings['groupBy'], groupWait: wait };
}

function readDelivery(options: unknown): Pick<DeliverySettings, 'attempts' | 'giveUpAfter' | 'queueSize'> {
  const reader = readOptions('Alerts', 'delivery', options === undefined ? {} : options);
  const attempts = reader.number('attempts', 1, 1_000, 'a whole number from 1 to 1 000', true) ?? 20;
  const giveUpAfter = reader.milliseconds('giveUpAfter') ?? 900_000;
  const queueSize = reader.number('queueSize', 1, 100_000, 'a whole number from 1 to 100 000', true) ?? 1_000;
  reader.finish();
  return { attempts, giveUpAfter, queueSize };
}

function readList(reader: OptionsReader, option: string): readonly unknown[] | undefined {
  const list = reader.value(option);
  if (list === undefined || Array.isArray(list)) return list;
  reader.report(option, 'type', 'an array');
  return undefined;
}

function readObject(reader: OptionsReader, option: string, expected: string, methods: readonly string[]): unknown {
  const value = reader.value(option);
  if (value === undefined) return undefined;
  const isValid =
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');
  if (!isValid) reader.report(option, 'type', expected);
  return value;
}

/** Returns a time of day that never fails: the last one stays where a function of the user throws or returns no number. */
function timeOfDayOf(read: (() => number) | undefined): () => number {
  if (read === undefined) return Date.now;
  let last = 0;
  return () => {
    try {
      const time: unknown = read();
      if (typeof time === 'number' && Math.abs(time) <= LATEST_TIME) last = time;
    } catch {
      // The last time stays.
    }
    return last;
  };
}

/** Latest time that a `Date` can have, in milliseconds since 1970. */
const LATEST_TIME = 8.64e15;
