// Checks that the circuits did what the script expects. Each check has its evidence. None depends on the machine's speed:
// phases last until the expected transitions have happened, and an opening on a slow machine must follow from slow calls.

import type { Journal, State, Transition } from './journal.ts';
import type { Dependency } from './script.ts';
import { bad, bold, faint, good, milliseconds, seconds } from './text.ts';
import { type Call, type Client, type Outcome, waited } from './traffic.ts';

/** One check and its result. */
export interface Check {
  /** Name of a breaker, or 'together'. */
  about: string;
  name: string;
  passed: boolean;
  evidence: string;
}

type Result = Omit<Check, 'about'>;

/** Returns true once a circuit has made the transitions that the script expects in a phase. */
export function isPhaseComplete({ name, dependency }: Client, journal: Journal, phase: string): boolean {
  const { opens, reopens, closes } = dependency.expected;
  const transitions = journal.of(name);
  return (
    (!opens.includes(phase) || openings(transitions, phase).length > 0) &&
    (!reopens.includes(phase) || moved(transitions, phase, 'HALF_OPEN', 'OPEN').length > 0) &&
    (!closes.includes(phase) ||
      (moved(transitions, phase, 'HALF_OPEN', 'CLOSED').length > 0 && journal.stateOf(name) === 'CLOSED'))
  );
}

/** Checks one circuit against the script. */
export function checkBreaker(client: Client, journal: Journal): Check[] {
  const { expected, breaker } = client.dependency;
  const { staysClosed, opens, reopens, closes } = expected;
  const transitions = journal.of(client.name);
  const results = [
    ...staysClosed.map((phase) => stayedClosed(client, journal, phase)),
    ...opens.map((phase) => atLeastOnce(`opened while ${phase}`, openings(transitions, phase))),
    ...reopens.map((phase) => atLeastOnce(`reopened while ${phase}`, moved(transitions, phase, 'HALF_OPEN', 'OPEN'))),
    rejectedAtOnce(client),
    probed(client, transitions, breaker.maxConcurrentRequests ?? 1),
    ...closes.map((phase) => atLeastOnce(`closed while ${phase}`, moved(transitions, phase, 'HALF_OPEN', 'CLOSED'))),
    closedAtTheEnd(journal.stateOf(client.name)),
    countedRight(client),
  ];
  return results.map((result) => ({ about: client.name, ...result }));
}

function moved(transitions: Transition[], phase: string, from: State, to: State): Transition[] {
  return transitions.filter(
    (transition) => transition.phase === phase && transition.from === from && transition.to === to,
  );
}

/** Openings of a closed circuit. One that a slow machine opened in the phase before can only open again. */
function openings(transitions: Transition[], phase: string): Transition[] {
  const opened = moved(transitions, phase, 'CLOSED', 'OPEN');
  return opened.length > 0 ? opened : moved(transitions, phase, 'HALF_OPEN', 'OPEN');
}

/** The circuit may open on a healthy service only if its calls did fail or were slow: a machine can be too busy. */
function stayedClosed(client: Client, journal: Journal, phase: string): Result {
  const opened = moved(journal.of(client.name), phase, 'CLOSED', 'OPEN');
  const callsOf = (transition: Transition): Call[] =>
    client.withBreaker.filter(({ start }) => start < journal.start + transition.at);
  const justified = opened.map((transition) => isJustified(transition, callsOf(transition), client.dependency));
  const evidence = opened.length === 0 ? 'no transition' : `${times(opened)}, by calls that this machine slowed down`;
  return {
    name: `stayed closed while ${phase}`,
    passed: justified.every(Boolean),
    evidence: justified.every(Boolean) ? evidence : times(opened),
  };
}

/** Returns true if at least as many of `calls` failed, or were slow, as the reason of the transition says. */
function isJustified({ reason, observed }: Transition, calls: Call[], { breaker }: Dependency): boolean {
  const slowDuration = breaker.slowCallDuration;
  const slow = calls.filter((call) => typeof slowDuration === 'number' && waited(call) >= slowDuration).length;
  const failed = calls.filter(({ outcome }) => outcome !== 'answered' && outcome !== 'rejected').length;
  const number = observed ?? Number.POSITIVE_INFINITY;
  const fewest = number * (breaker.minimumCalls ?? 1);
  if (reason === 'slow-call-rate') return slow >= fewest;
  if (reason === 'failure-rate') return failed >= fewest;
  return failed >= number;
}

function atLeastOnce(name: string, transitions: Transition[]): Result {
  return { name, passed: transitions.length > 0, evidence: times(transitions) || 'it did not' };
}

/** A rejection is decided in the process, so no caller may wait for another task of the event loop. */
function rejectedAtOnce({ withBreaker, admitted }: Client): Result {
  const rejected = withBreaker.filter(({ outcome }) => outcome === 'rejected');
  const waits = rejected.map(waited).toSorted((a, b) => a - b);
  const median = waits[Math.floor(waits.length / 2)] ?? 0;
  const delayed = rejected.filter(({ atOnce }) => !atOnce).length;
  return {
    name: 'failed fast',
    passed: rejected.length > 0 && delayed === 0 && admitted + rejected.length === withBreaker.length,
    evidence:
      `${rejected.length} of ${withBreaker.length} calls rejected, in ${milliseconds(median)} (median)` +
      (delayed > 0 ? `; ${delayed} had to wait` : ''),
  };
}

function probed({ mostProbes }: Client, transitions: Transition[], allowed: number): Result {
  const count = (from: State, to: State) => transitions.filter((it) => it.from === from && it.to === to).length;
  const reopened = count('HALF_OPEN', 'OPEN');
  const closed = count('HALF_OPEN', 'CLOSED');
  const unprobed = count('OPEN', 'CLOSED');
  return {
    name: 'probed before it closed',
    passed: reopened > 0 && closed > 0 && unprobed === 0 && mostProbes > 0 && mostProbes <= allowed,
    evidence: `reopened ${reopened}×, closed ${closed}×, at most ${mostProbes} of ${allowed} probes at once`,
  };
}

function closedAtTheEnd(state: State): Result {
  return { name: 'is closed at the end', passed: state === 'CLOSED', evidence: state };
}

/** Compares the breaker's statistics with the outcomes that its callers recorded. */
function countedRight({ breaker, withBreaker }: Client): Result {
  const seen = (...outcomes: Outcome[]) => withBreaker.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const sentence = (answered: number, failed: number, late: number, rejected: number) =>
    `${answered} answered, ${failed} failed (${late} late), ${rejected} rejected`;
  const { totalSuccesses, totalFailures, totalTimeouts, totalRejected } = breaker.getStats();
  const counted = sentence(totalSuccesses, totalFailures, totalTimeouts, totalRejected);
  const recorded = sentence(
    seen('answered'),
    seen('failed', 'refused', 'timed out'),
    seen('timed out'),
    seen('rejected'),
  );
  const passed = counted === recorded;
  return {
    name: 'counted as its callers did',
    passed,
    evidence: passed ? counted : `${counted}; callers: ${recorded}`,
  };
}

/** Checks that every breaker runs on the requested build of the engine. */
export function checkEngine(clients: Client[], wanted: string): Check {
  const engines = clients.map(({ breaker }) => breaker.backend);
  return {
    about: 'together',
    name: `run on ${wanted}`,
    passed: engines.every((engine) => engine === wanted),
    evidence: engines.join(', '),
  };
}

/** Checks by the service's own count that rejected calls did not reach it. */
export function checkService(clients: Client[], seen: number): Check {
  const calls = clients.flatMap((client) => client.withBreaker);
  const admitted = clients.reduce((sum, client) => sum + client.admitted, 0);
  const refused = calls.filter(({ outcome }) => outcome === 'refused').length;
  return {
    about: 'together',
    name: 'kept rejected calls away',
    passed: seen > 0 && seen + refused <= admitted,
    evidence: `of ${admitted} admitted calls, ${seen} arrived, ${refused} were refused`,
  };
}

export function checkRejections(unhandled: unknown[]): Check {
  return {
    about: 'together',
    name: 'left no rejection unhandled',
    passed: unhandled.length === 0,
    evidence: unhandled.map(String).join(', ') || 'none',
  };
}

/** Returns a line for each check, and a last line with the result of all. */
export function report(checks: Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = [bold('Checks')];
  for (const [index, { about, name, passed, evidence }] of checks.entries()) {
    if (about !== checks[index - 1]?.about) lines.push(about);
    lines.push(`  ${passed ? good('✓') : bad('✗')} ${name.padEnd(width)}  ${faint(evidence)}`);
  }
  const failed = checks.filter(({ passed }) => !passed);
  const names = failed.map(({ about, name }) => `${about} ${name}`).join('; ');
  const result =
    failed.length === 0
      ? good(`All ${checks.length} checks passed.`)
      : bad(`${failed.length} of ${checks.length} checks failed: ${names}`);
  return [...lines, '', result];
}

function times(transitions: Transition[]): string {
  return transitions.map(({ at }) => `at ${seconds(at)}`).join(', ');
}
