// Comparison of the same requests with and without breakers. Both were sent, and both were measured.

import { bold, faint, milliseconds, seconds, table } from './text.ts';
import { type Call, type Client, type Outcome, waited } from './traffic.ts';

/** Returns the lines of the comparison. */
export function summary(clients: Client[]): string[] {
  const without = clients.flatMap((client) => client.withoutBreaker);
  const through = clients.flatMap((client) => client.withBreaker);
  const row = (label: string, value: (calls: Call[]) => string | number) => {
    return [label, String(value(without)), String(value(through))];
  };
  const rows = [
    row('requests', (calls) => calls.length),
    row('  answered', (calls) => count(calls, 'answered')),
    row('  failed', (calls) => count(calls, 'failed')),
    row('  refused a connection', (calls) => count(calls, 'refused')),
    row('  timed out', (calls) => count(calls, 'timed out')),
    row('  rejected at once', (calls) => count(calls, 'rejected')),
    row('time spent waiting', (calls) => seconds(total(calls))),
    row('  for nothing', (calls) => seconds(total(calls.filter(unanswered)))),
    row('  each time, on average', (calls) => milliseconds(average(calls.filter(unanswered)))),
    row('most calls in flight', mostAtOnce),
  ];
  return [
    bold('The same requests, without breakers and with them'),
    ...table(['', 'without', 'with breakers'], rows),
    faint('Both were measured, on two services that failed in the same way.'),
  ];
}

function count(calls: Call[], outcome: Outcome): number {
  return calls.filter((call) => call.outcome === outcome).length;
}

function unanswered({ outcome }: Call): boolean {
  return outcome !== 'answered';
}

function total(calls: Call[]): number {
  return calls.reduce((sum, call) => sum + waited(call), 0);
}

function average(calls: Call[]): number {
  return calls.length === 0 ? 0 : total(calls) / calls.length;
}

function mostAtOnce(calls: Call[]): number {
  const changes = calls.flatMap(({ start, end }) => [
    { at: start, by: 1 },
    { at: end, by: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { by } of changes.sort((a, b) => a.at - b.at)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
