import { callsInWindow } from '../configuration.ts';
import type { BreakerConfiguration } from '../configuration.ts';
import type { BreakerRule } from '../rule.ts';

/** Share of failed calls that most dependencies reach when nothing is wrong. */
const EVERYDAY_FAILURES = 0.01;
const HOUR = 3_600;

export const thresholdOutOfReach: BreakerRule = {
  code: 'threshold-out-of-reach',
  severity: 'error',
  reason:
    'A rule needs more calls than the window holds at this traffic. Even if every call fails the circuit never opens.',
  advice: 'Lower the number, look at a longer window, or use consecutiveFailureThreshold, which has no window.',
  check(breaker) {
    const calls = callsInWindow(breaker);
    const { window } = breaker;
    if (calls === undefined || window.type === 'count') return undefined;
    const wanted = rulesOf(breaker);
    const outOfReach = wanted.filter(({ needed }) => needed > calls);
    if (outOfReach.length === 0 || outOfReach.length < wanted.length) return undefined;
    const needs = outOfReach.map(({ option, needed }) => `${option} takes ${needed} calls`).join(', ');
    return `${needs}, and the window of ${window.duration} ms holds about ${round(calls)}`;
  },
};

export const ruleOutOfReach: BreakerRule = {
  code: 'rule-out-of-reach',
  severity: 'warning',
  reason: 'One of several rules needs more calls than the window holds at this traffic: it never applies.',
  advice: 'Take it out, lower its number, or look at a longer window.',
  check(breaker) {
    const calls = callsInWindow(breaker);
    if (calls === undefined || breaker.window.type === 'count' || !hasRule(breaker)) return undefined;
    const wanted = rulesOf(breaker);
    const outOfReach = wanted.filter(({ needed }) => needed > calls);
    if (outOfReach.length === wanted.length) return undefined;
    const [first] = outOfReach;
    return first && `${first.option} takes ${first.needed} calls, and the window holds about ${round(calls)}`;
  },
};

export const opensOnEverydayFailures: BreakerRule = {
  code: 'opens-on-everyday-failures',
  severity: 'warning',
  reason: 'A count of failures that is small beside the traffic opens the circuit while nearly every call succeeds.',
  advice: 'Use failureRateThreshold with minimumCalls: a share stays right when the traffic grows.',
  check(breaker) {
    const { failureThreshold } = breaker.explanation;
    const calls = callsInWindow(breaker);
    if (failureThreshold === null || calls === undefined || breaker.window.type === 'count') return undefined;
    const share = failureThreshold / calls;
    if (!(share < EVERYDAY_FAILURES)) return undefined;
    return `it opens when ${failureThreshold} of about ${round(calls)} calls fail, which is ${percent(share)} of them`;
  },
};

export const opensOnFirstFailure: BreakerRule = {
  code: 'opens-on-first-failure',
  severity: 'warning',
  reason: 'One failure opens the circuit, such as one lost packet: the breaker turns a short fault into an outage.',
  advice: 'Let it take several failures, or a rate with a minimumCalls of 10 or more.',
  check({ explanation }) {
    const { failureThreshold, consecutiveFailureThreshold, failureRateThreshold, minimumCalls } = explanation;
    if (failureThreshold === 1) return 'failureThreshold is 1';
    if (consecutiveFailureThreshold === 1) return 'consecutiveFailureThreshold is 1';
    if (failureRateThreshold === null || 1 / minimumCalls < failureRateThreshold) return undefined;
    const share = percent(1 / minimumCalls);
    return `one failure in the ${minimumCalls} calls of minimumCalls is ${share}, which reaches failureRateThreshold`;
  },
};

export const countWindowSpansHours: BreakerRule = {
  code: 'count-window-spans-hours',
  severity: 'warning',
  reason:
    'A count window drops an old call only when a new one ends: with little traffic, failures of long ago still count.',
  advice: "Use a window of time, { type: 'time', duration }, or a smaller size.",
  check({ window, facts: { callsPerSecond } }) {
    if (window.type === 'time' || callsPerSecond === undefined) return undefined;
    const seconds = window.size / callsPerSecond;
    return seconds > HOUR ? `its ${window.size} calls take about ${round(seconds / HOUR)} hours to come` : undefined;
  },
};

/** Returns the rules of a breaker, each with the smallest number of calls at which it can open the circuit. */
function rulesOf({
  explanation,
}: BreakerConfiguration): readonly { readonly option: string; readonly needed: number }[] {
  const { failureThreshold, failureRateThreshold, slowCallRateThreshold, minimumCalls } = explanation;
  const rules = [
    { option: 'failureThreshold', needed: failureThreshold },
    { option: 'consecutiveFailureThreshold', needed: explanation.consecutiveFailureThreshold === null ? null : 0 },
    { option: 'minimumCalls of failureRateThreshold', needed: failureRateThreshold && minimumCalls },
    { option: 'minimumCalls of slowCallRateThreshold', needed: slowCallRateThreshold && minimumCalls },
  ];
  return rules.flatMap(({ option, needed }) => (needed === null ? [] : { option, needed }));
}

/** Whether the options set a threshold. The two default rules complement each other: one is for few calls, one for many. */
function hasRule({ options }: BreakerConfiguration): boolean {
  const { failureThreshold, consecutiveFailureThreshold, failureRateThreshold, slowCallRateThreshold } = options;
  const set = [failureThreshold, consecutiveFailureThreshold, failureRateThreshold, slowCallRateThreshold];
  return set.some((threshold) => threshold !== undefined);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function round(number: number): number {
  return number < 10 ? Number(number.toPrecision(2)) : Math.round(number);
}
