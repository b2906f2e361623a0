import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import { LONGEST_WINDOW } from './reading.ts';
import type { BreakerReading } from './reading.ts';
import { readRule } from './rule.ts';
import type { AlertRule, Finding, RuleOptions } from './rule.ts';

/** Options of {@link opened}. */
export interface OpenedOptions extends RuleOptions {
  /** Whether an operator who holds the circuit open also raises the alert. Default true. */
  readonly forced?: boolean | undefined;
}

/** Options of a rule about what happened within a window. */
export interface WindowRuleOptions extends RuleOptions {
  /** Length of the window in milliseconds: 1 to 2 592 000 000. */
  readonly within?: number | undefined;
}

/** Options of {@link failureRate}. */
export interface FailureRateOptions extends WindowRuleOptions {
  /** Share of failures that must be exceeded: from 0, below 1. Default 0.1. */
  readonly over?: number | undefined;
  /** Calls that the window must have: from 1. Default 10. */
  readonly minimumCalls?: number | undefined;
}

/** Options of {@link responseTime}. */
export interface ResponseTimeOptions extends WindowRuleOptions {
  /** Average in milliseconds that must be exceeded: from 0. Default 5 000. */
  readonly over?: number | undefined;
  /** Calls that the window must have: from 1. Default 10. */
  readonly minimumCalls?: number | undefined;
}

/** Options of {@link stateChanges}. */
export interface StateChangesOptions extends WindowRuleOptions {
  /** Number of changes that must be exceeded: from 0. Default 5. */
  readonly over?: number | undefined;
}

/** Options of {@link slowCalls}. */
export interface SlowCallsOptions extends WindowRuleOptions {
  /** Duration of a call in milliseconds that must be exceeded: from 0. Default 1 000. */
  readonly over?: number | undefined;
  /** Number of slow calls that must be exceeded: from 0. Default 0. */
  readonly moreThan?: number | undefined;
}

const MINUTE = 60_000;
const LARGEST_COUNT = 1_000_000_000;

/**
 * Rule that fires within a second after a circuit has opened, and resolves when it closes. A half-open circuit has not recovered
 * yet. An opening that ends before the next evaluation fires, too. Severity `'critical'`.
 */
export function opened(options?: OpenedOptions): AlertRule {
  const { reader, base } = readBase('opened', options);
  const forced = reader.boolean('forced') ?? true;
  return finished(reader, {
    severity: 'critical',
    ...base,
    when: (reading) => {
      const { breaker, stats, wasOpen } = reading;
      const isHeld = stats.override === 'FORCED_OPEN';
      if (!wasOpen || (isHeld && !forced)) return false;
      if (isHeld) return { summary: `${breaker} is held open by an operator` };
      return describeOpening(reading);
    },
  });
}

/** Returns why a circuit opened, and the last error; or nothing new if that is not its last transition. */
function describeOpening({ breaker, stats, explanation }: BreakerReading): Finding {
  const { to, reason, observed, threshold } = explanation;
  if (to !== 'OPEN') return {};
  const { lastError } = stats;
  const error = lastError === null ? '' : `; last error: ${lastError.name}: ${lastError.message}`;
  const number = observed === null ? '' : `: ${rounded(observed)}`;
  const limit = threshold === null ? '' : `, threshold ${rounded(threshold)}`;
  const summary = `${breaker} opened (${reason}${number}${limit})${error}`;
  return { summary, observed: observed ?? undefined, threshold: threshold ?? undefined };
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}

/** Rule that fires when too many calls failed: more than 10 % within 5 minutes. Severity `'error'`. */
export function failureRate(options?: FailureRateOptions): AlertRule {
  const { reader, base } = readBase('failure-rate', options);
  const over = reader.number('over', 0, 1, 'a share from 0 to 1') ?? 0.1;
  const minimumCalls = readCount(reader, 'minimumCalls', 1) ?? 10;
  const within = readWindow(reader) ?? 5 * MINUTE;
  return finished(reader, {
    severity: 'error',
    ...base,
    when: (reading) => {
      const { calls, failures, failureRate: observed } = reading.within(within);
      if (calls < minimumCalls || !(observed > over)) return false;
      const share = `${percent(observed)} of the calls of ${reading.breaker} failed`;
      const summary = `${share} within ${period(within)}: ${failures} of ${calls}, over ${percent(over)}`;
      return { summary, observed, threshold: over };
    },
  });
}

/** Rule that fires when calls take too long on average: more than 5 s within 5 minutes. Severity `'warning'`. */
export function responseTime(options?: ResponseTimeOptions): AlertRule {
  const { reader, base } = readBase('response-time', options);
  const over = readMilliseconds(reader, 'over') ?? 5_000;
  const minimumCalls = readCount(reader, 'minimumCalls', 1) ?? 10;
  const within = readWindow(reader) ?? 5 * MINUTE;
  return finished(reader, {
    ...base,
    when: (reading) => {
      const { calls, averageResponseTime: observed } = reading.within(within);
      if (observed === null || calls < minimumCalls || !(observed > over)) return false;
      const average = `Calls of ${reading.breaker} took ${period(observed)} on average`;
      return { summary: `${average} within ${period(within)}, over ${period(over)}`, observed, threshold: over };
    },
  });
}

/** Rule that fires when a circuit changes its state too often: more than 5 times within an hour. Severity `'warning'`. */
export function stateChanges(options?: StateChangesOptions): AlertRule {
  const { reader, base } = readBase('state-changes', options);
  const over = readCount(reader, 'over', 0) ?? 5;
  const within = readWindow(reader) ?? 60 * MINUTE;
  return finished(reader, {
    ...base,
    when: (reading) => {
      const { stateChanges: observed } = reading.within(within);
      if (!(observed > over)) return false;
      const summary = `${reading.breaker} changed its state ${observed} times within ${period(within)}, over ${over}`;
      return { summary, observed, threshold: over };
    },
  });
}

/**
 * Rule that fires when a call took too long: more than 1 s, within the last minute. It listens to every call; the other rules
 * read counters. Severity `'info'`.
 */
export function slowCalls(options?: SlowCallsOptions): AlertRule {
  const { reader, base } = readBase('slow-calls', options);
  const over = readMilliseconds(reader, 'over') ?? 1_000;
  const moreThan = readCount(reader, 'moreThan', 0) ?? 0;
  const within = readWindow(reader) ?? MINUTE;
  return finished(reader, {
    severity: 'info',
    ...base,
    slowerThan: over,
    when: (reading) => {
      const { calls, last } = reading.slowCalls(within);
      if (!(calls > moreThan)) return false;
      const count = calls === 1 ? '1 call' : `${calls} calls`;
      const slow = `${count} of ${reading.breaker} took longer than ${period(over)} within ${period(within)}`;
      return { summary: `${slow}; the last one ${period(last ?? over)}`, observed: calls, threshold: moreThan };
    },
  });
}

function readBase(kind: string, options: unknown): { reader: OptionsReader; base: RuleOptions & { name: string } } {
  const reader = readOptions('Alert rule', kind, options === undefined ? {} : options);
  const base: Record<string, unknown> = { name: kind };
  for (const option of ['name', 'severity', 'for', 'coolDown', 'breakers']) {
    const value = reader.value(option);
    if (value !== undefined) base[option] = value;
  }
  return { reader, base: base as unknown as RuleOptions & { name: string } };
}

/** Throws every problem of the options, those that all rules have included. */
function finished(reader: OptionsReader, rule: AlertRule): AlertRule {
  reader.finish();
  readRule(rule);
  return rule;
}

function readWindow(reader: OptionsReader): number | undefined {
  return reader.number('within', 1, LONGEST_WINDOW, `a number of milliseconds from 1 to ${LONGEST_WINDOW}`);
}

function readMilliseconds(reader: OptionsReader, option: string): number | undefined {
  return reader.number(option, 0, LONGEST_WINDOW, `a number of milliseconds from 0 to ${LONGEST_WINDOW}`);
}

function readCount(reader: OptionsReader, option: string, least: number): number | undefined {
  return reader.number(option, least, LARGEST_COUNT, `a whole number from ${least} to ${LARGEST_COUNT}`, true);
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

/** Returns a duration in the largest unit that fits. */
export function period(milliseconds: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [MINUTE, 'min'],
    [1_000, 's'],
  ] as const;
  const [size, unit] = units.find(([least]) => milliseconds >= least) ?? [1, 'ms'];
  return `${Math.round((milliseconds / size) * 10) / 10} ${unit}`;
}
