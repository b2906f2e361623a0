// Checks on made-up runs: each claim passes on a slow machine, and fails when a circuit does the wrong thing.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Check, checkBreaker, isPhaseComplete } from '../checks.ts';
import { Journal, type State } from '../journal.ts';
import { dependencies } from '../script.ts';
import type { Call, Client, Outcome } from '../traffic.ts';

type Step = [phase: string, from: State, to: State, reason: string, observed: number | null];

/** The transitions of `payments` in a run that went as scripted. */
const SCRIPTED: Step[] = [
  ['slow', 'CLOSED', 'OPEN', 'consecutive-failures', 5],
  ['slow', 'OPEN', 'HALF_OPEN', 'open-time-elapsed', 400],
  ['repaired', 'HALF_OPEN', 'CLOSED', 'probes-succeeded', 2],
  ['refused', 'CLOSED', 'OPEN', 'consecutive-failures', 5],
  ['refused', 'OPEN', 'HALF_OPEN', 'open-time-elapsed', 400],
  ['hung', 'HALF_OPEN', 'OPEN', 'probe-failed', null],
  ['hung', 'OPEN', 'HALF_OPEN', 'open-time-elapsed', 800],
  ['recovered', 'HALF_OPEN', 'CLOSED', 'probes-succeeded', 2],
];
const BY_ACCIDENT: Step[] = [
  ['healthy', 'CLOSED', 'OPEN', 'consecutive-failures', 5],
  ['healthy', 'OPEN', 'HALF_OPEN', 'open-time-elapsed', 400],
  ['healthy', 'HALF_OPEN', 'CLOSED', 'probes-succeeded', 2],
];

function journalOf(steps: Step[]): Journal {
  const journal = new Journal();
  for (const [index, [phase, from, to, reason, observed]] of steps.entries()) {
    journal.transitions.push({ breaker: 'payments', phase, from, to, reason, observed, at: 1000 * (index + 1) });
  }
  return journal;
}

/** A caller of `payments` whose calls had these outcomes, one every 10 ms from the start of `journal`. */
function clientOf(journal: Journal, outcomes: Outcome[], changes: Partial<Client> = {}): Client {
  const withBreaker = outcomes.map((outcome, index): Call => {
    const start = journal.start + 10 * index;
    return { outcome, start, end: start + 1, atOnce: outcome === 'rejected' };
  });
  const count = (...wanted: Outcome[]): number => outcomes.filter((outcome) => wanted.includes(outcome)).length;
  const getStats = () => ({
    totalSuccesses: count('answered'),
    totalFailures: count('failed', 'refused', 'timed out'),
    totalTimeouts: count('timed out'),
    totalRejected: count('rejected'),
  });
  const dependency = dependencies.find(({ name }) => name === 'payments');
  const admitted = outcomes.length - count('rejected');
  return {
    name: 'payments',
    dependency,
    breaker: { getStats },
    withBreaker,
    admitted,
    mostProbes: 1,
    ...changes,
  } as Client;
}

function failed(checks: Check[]): string[] {
  return checks.filter(({ passed }) => !passed).map(({ name }) => name);
}

const failures = (count: number): Outcome[] => Array<Outcome>(count).fill('timed out');

describe('the checks of a breaker', () => {
  test('pass on a run that went as scripted', () => {
    const journal = journalOf(SCRIPTED);
    assert.deepEqual(failed(checkBreaker(clientOf(journal, ['answered', ...failures(5), 'rejected']), journal)), []);
  });

  test('pass if a slow machine let enough healthy calls time out', () => {
    const journal = journalOf([...BY_ACCIDENT, ...SCRIPTED]);
    assert.deepEqual(failed(checkBreaker(clientOf(journal, [...failures(5), 'rejected']), journal)), []);
  });

  test('fail if the circuit opens although too few healthy calls failed', () => {
    const journal = journalOf([...BY_ACCIDENT, ...SCRIPTED]);
    const client = clientOf(journal, [...failures(4), 'answered', 'rejected']);
    assert.deepEqual(failed(checkBreaker(client, journal)), ['stayed closed while healthy']);
  });

  test('fail if a rejected call had to wait, however short', () => {
    const journal = journalOf(SCRIPTED);
    const client = clientOf(journal, [...failures(5), 'rejected']);
    const withBreaker = client.withBreaker.map((call) => ({ ...call, atOnce: false }));
    assert.deepEqual(failed(checkBreaker({ ...client, withBreaker } as Client, journal)), ['failed fast']);
  });

  test('fail if more probes hold a slot than the breaker allows', () => {
    const journal = journalOf(SCRIPTED);
    const client = clientOf(journal, [...failures(5), 'rejected'], { mostProbes: 2 });
    assert.deepEqual(failed(checkBreaker(client, journal)), ['probed before it closed']);
  });

  test('fail if the statistics differ from what the callers experienced', () => {
    const journal = journalOf(SCRIPTED);
    const client = clientOf(journal, [...failures(5), 'rejected']);
    client.withBreaker[0] = { ...(client.withBreaker[0] as Call), outcome: 'answered' };
    assert.deepEqual(failed(checkBreaker(client, journal)), ['counted as its callers did']);
  });

  test('fail if an expected transition is missing', () => {
    const journal = journalOf(SCRIPTED.filter(([phase]) => phase !== 'recovered'));
    const client = clientOf(journal, [...failures(5), 'rejected']);
    assert.deepEqual(failed(checkBreaker(client, journal)), ['closed while recovered', 'is closed at the end']);
  });
});

describe('a phase', () => {
  test('lasts until its expected transition, and until the circuit is closed if it must close', () => {
    const isComplete = (steps: Step[], phase: string): boolean => {
      const journal = journalOf(steps);
      return isPhaseComplete(clientOf(journal, []), journal, phase);
    };
    assert.equal(isComplete([], 'healthy'), true);
    assert.equal(isComplete([], 'slow'), false);
    assert.equal(isComplete(SCRIPTED.slice(0, 1), 'slow'), true);
    assert.equal(isComplete(SCRIPTED.slice(0, 3), 'repaired'), true);
    const reopened: Step = ['repaired', 'CLOSED', 'OPEN', 'consecutive-failures', 5];
    assert.equal(isComplete([...SCRIPTED.slice(0, 3), reopened], 'repaired'), false);
    assert.equal(isComplete(SCRIPTED.slice(0, 5), 'hung'), false);
    assert.equal(isComplete(SCRIPTED.slice(0, 6), 'hung'), true);
  });
});

describe('the record', () => {
  test('knows the end of each phase, as it was or as the script plans it', () => {
    const journal = new Journal();
    journal.phases.push({ phase: 'healthy', at: 0 }, { phase: 'slow', at: 2100 });
    assert.deepEqual(journal.ends([{ duration: 2000 }, { duration: 2500 }, { duration: 1000 }]), [2100, 4600, 5600]);
  });
});
