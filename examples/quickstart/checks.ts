// Did it happen as scripted? Each answer carries its evidence.

import type { Journal, State, Transition } from './journal.ts';
import { bad, bold, faint, good, milliseconds, seconds } from './text.ts';
import { type Client, type Outcome, waited } from './traffic.ts';

export interface Check {
  /** The name of a breaker, or 'together'. */
  about: string;
  name: string;
  passed: boolean;
  evidence: string;
}

type Finding = Omit<Check, 'about'>;

/** Milliseconds. A rejection is decided in the process, so its caller must not wait for any network. */
const fast = 5;

export function checkBreaker(client: Client, journal: Journal): Check[] {
  const { expected, breaker } = client.dependency;
  const { staysClosed, opens, closes } = expected;
  const transitions = journal.of(client.name);
  const moved = (from: State, to: State, phase: string) =>
    transitions.filter((it) => it.from === from && it.to === to && it.phase === phase);
  const findings = [
    ...staysClosed.map((phase) => never(`stayed closed while ${phase}`, moved('CLOSED', 'OPEN', phase))),
    ...opens.map((phase) => atLeastOnce(`opened while ${phase}`, moved('CLOSED', 'OPEN', phase))),
    failedFast(client),
    probed(client, transitions, breaker.maxConcurrentRequests ?? 1),
    ...closes.map((phase) => atLeastOnce(`closed while ${phase}`, moved('HALF_OPEN', 'CLOSED', phase))),
    closedAtTheEnd(client),
    countedRight(client),
  ];
  return findings.map((finding) => ({ about: client.name, ...finding }));
}

function never(name: string, transitions: Transition[]): Finding {
  return { name, passed: transitions.length === 0, evidence: times(transitions) || 'no transition' };
}

function atLeastOnce(name: string, transitions: Transition[]): Finding {
  return { name, passed: transitions.length > 0, evidence: times(transitions) || 'it did not' };
}

function failedFast({ withBreaker, admitted }: Client): Finding {
  const waits = withBreaker.filter(({ outcome }) => outcome === 'rejected').map(waited);
  const median = waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)] ?? 0;
  return {
    name: 'failed fast',
    passed: waits.length > 0 && median < fast && admitted + waits.length === withBreaker.length,
    evidence: `${waits.length} of ${withBreaker.length} calls rejected, in ${milliseconds(median)} (median)`,
  };
}

function probed({ mostProbes }: Client, transitions: Transition[], allowed: number): Finding {
  const count = (from: State, to: State) => transitions.filter((it) => it.from === from && it.to === to).length;
  const reopened = count('HALF_OPEN', 'OPEN');
  const closed = count('HALF_OPEN', 'CLOSED');
  const unprobed = count('OPEN', 'CLOSED');
  return {
    name: 'probed before it closed',
    passed: reopened > 0 && closed > 0 && unprobed === 0 && mostProbes > 0 && mostProbes <= allowed,
    evidence: `reopened ${reopened}×, closed ${closed}×, at most ${mostProbes} of ${allowed} at once`,
  };
}

function closedAtTheEnd({ breaker }: Client): Finding {
  return { name: 'is closed at the end', passed: breaker.state === 'CLOSED', evidence: breaker.state };
}

/** What the breaker says it did, against what its callers saw. */
function countedRight({ breaker, withBreaker }: Client): Finding {
  const seen = (...outcomes: Outcome[]) => withBreaker.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const sentence = (answered: number, failed: number, late: number, rejected: number) =>
    `${answered} answered, ${failed} failed (${late} late), ${rejected} rejected`;
  const { totalSuccesses, totalFailures, totalTimeouts, totalRejected } = breaker.getStats();
  const counted = sentence(totalSuccesses, totalFailures, totalTimeouts, totalRejected);
  const theirs = sentence(
    seen('answered'),
    seen('failed', 'refused', 'timed out'),
    seen('timed out'),
    seen('rejected'),
  );
  const passed = counted === theirs;
  return { name: 'counted as its callers did', passed, evidence: passed ? counted : `${counted}; they: ${theirs}` };
}

export function checkEngine(clients: Client[], wanted: string): Check {
  const engines = clients.map(({ breaker }) => breaker.backend);
  return {
    about: 'together',
    name: `run on ${wanted}`,
    passed: engines.every((engine) => engine === wanted),
    evidence: engines.join(', '),
  };
}

/** By the service's own count. */
export function checkService(clients: Client[], seen: number): Check {
  const calls = clients.flatMap((client) => client.withBreaker);
  const admitted = clients.reduce((sum, client) => sum + client.admitted, 0);
  const refused = calls.filter(({ outcome }) => outcome === 'refused').length;
  return {
    about: 'together',
    name: 'kept rejected calls away',
    passed: seen > 0 && seen + refused <= admitted,
    evidence: `of ${admitted} let through, ${seen} arrived, ${refused} were refused`,
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

/** The checks and what they come to. */
export function verdict(checks: Check[]): string[] {
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
