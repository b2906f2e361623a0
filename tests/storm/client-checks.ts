import type { CircuitBreaker } from 'fusewire';
import { equal, within } from './checks.ts';
import type { Check } from './checks.ts';
import type { CountedQueue } from './counted-queue.ts';
import type { Policies } from './policies.ts';

/** Counters of a client, and the objects whose stats they are compared with. */
export interface ClientCounters {
  readonly breaker: CircuitBreaker;
  readonly queue: CountedQueue;
  readonly policies: Policies;
  readonly answers: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly failures: number;
  readonly works: number;
  readonly operations: number;
  readonly circuitRejections: number;
  readonly rejectEvents: number;
  readonly stateChangeEvents: number;
}

/** Returns checks that the counts of each layer equal those of the next, and those of the callers. */
export function checksOf(client: ClientCounters): Check[] {
  return [
    ...callerChecks(client),
    ...outerPolicyChecks(client),
    ...innerPolicyChecks(client),
    ...breakerChecks(client),
    ...queueChecks(client),
    ...idleChecks(client),
  ];
}

function callerChecks({ calls, failures, answers, policies }: ClientCounters): Check[] {
  const stats = policies.fallback.getStats();
  // For the fallback, an answer of the cache is one of the call.
  const { cache = 0, stale = 0, ...others } = answers;
  const expected: Record<string, number> = { ...others, call: (answers['call'] ?? 0) + cache + stale };
  const sources = new Set([...Object.keys(stats.answers), ...Object.keys(expected)]);
  const answered = Object.values(stats.answers).reduce((total, count) => total + count, 0);
  return [
    equal('calls = answers + failures', calls, answered + stats.totalFailures),
    equal('failures', stats.totalFailures, failures),
    ...[...sources].map((source) => equal(`answers from ${source}`, stats.answers[source] ?? 0, expected[source] ?? 0)),
  ];
}

function outerPolicyChecks({ calls, answers, policies }: ClientCounters): Check[] {
  const cache = policies.cache.getStats();
  const total = policies.timeout.getStats();
  const retry = policies.retry.getStats();
  const hedge = policies.hedge.getStats();
  const shedLoad = policies.shedLoad.getStats();
  const rate = policies.rateLimit.getStats();
  return [
    equal('calls of the cache', cache.totalCalls, calls),
    equal('hits of the cache', cache.totalHits, answers['cache'] ?? 0),
    equal('stale answers of the cache', cache.totalStale, answers['stale'] ?? 0),
    equal('calls of the total timeout', total.totalCalls, cache.totalMisses),
    equal('calls of the retry', retry.totalCalls, total.totalCalls),
    equal('calls of the hedge', hedge.totalCalls, retry.totalCalls + retry.totalRetries),
    equal('calls of the load shedder', shedLoad.totalCalls, hedge.totalCalls + hedge.totalHedges),
    equal('calls of the rate limit', rate.totalCalls, shedLoad.totalCalls - shedLoad.totalShed),
    equal('outcomes of the rate limit', rate.totalCalls, rate.totalAdmitted + rate.totalRejected + rate.totalAborted),
  ];
}

function innerPolicyChecks({ operations, works, breaker, policies }: ClientCounters): Check[] {
  const { totalRequests, totalRejected } = breaker.getStats();
  const limit = policies.adaptiveBulkhead.getStats();
  const bulkhead = policies.bulkhead.getStats();
  const attempt = policies.attemptTimeout.getStats();
  // A call that waits is admitted again when its turn comes, and may be rejected then.
  const rejectedAfterWait = limit.totalCalls - (totalRequests - totalRejected - operations);
  return [
    within('calls rejected after a wait', rejectedAfterWait, 0, limit.totalAborted + bulkhead.totalAborted),
    equal('calls of the bulkhead', bulkhead.totalCalls, limit.totalAdmitted),
    ...[limit, bulkhead].map((stats) => {
      const { totalAdmitted, totalRejected, totalDisplaced, totalQueueTimeouts, totalAborted } = stats;
      const ended = totalAdmitted + totalRejected + totalDisplaced + totalQueueTimeouts + totalAborted;
      return equal(`outcomes of ${stats.name}`, stats.totalCalls, ended);
    }),
    equal('calls of the attempt timeout', attempt.totalCalls, bulkhead.totalAdmitted),
    equal('runs of the work', works, attempt.totalCalls),
  ];
}

function breakerChecks(client: ClientCounters): Check[] {
  const { circuitRejections, rejectEvents, stateChangeEvents, operations, breaker, policies } = client;
  const stats = breaker.getStats();
  const { totalRequests, totalSuccesses, totalFailures, totalIgnored, totalRejected } = stats;
  const { totalAdmitted } = policies.rateLimit.getStats();
  return [
    equal('requests = outcomes', totalRequests, totalSuccesses + totalFailures + totalIgnored + totalRejected),
    equal('requests that ran', totalRequests - totalRejected, totalAdmitted - circuitRejections + operations),
    equal('reject events', rejectEvents, totalRejected),
    equal('stateChange events', stateChangeEvents, stats.stateChanges),
    within(
      'rejected operations of the queue',
      totalRejected - circuitRejections,
      0,
      policies.writes.getStats().totalReleased,
    ),
    equal('engine errors', stats.engineErrors, 0),
  ];
}

function queueChecks({ policies, queue, operations }: ClientCounters): Check[] {
  const stats = policies.writes.getStats();
  return [
    equal('writes queued', stats.totalQueued, queue.added),
    equal('writes queued before', stats.totalDuplicates, queue.duplicates),
    equal('writes completed', stats.totalDone, queue.completed),
    equal('writes buried', stats.totalBuried, queue.buried),
    equal('attempts at writes', operations, stats.totalDone + stats.totalFailed),
  ];
}

/** Returns checks that nothing runs, waits or holds a slot. */
function idleChecks({ breaker, policies }: ClientCounters): Check[] {
  const { timeout, retry, hedge, shedLoad, rateLimit, adaptiveBulkhead, bulkhead, attemptTimeout } = policies;
  return [
    ...[breaker, retry, hedge, shedLoad].map((each) => equal(`${each.name} in flight`, each.getStats().inFlight, 0)),
    ...[timeout, attemptTimeout, adaptiveBulkhead, bulkhead].map((each) =>
      equal(`${each.name} overrunning`, each.getStats().overrunning, 0),
    ),
    ...[rateLimit, adaptiveBulkhead, bulkhead].map((each) => equal(`${each.name} waiting`, each.getStats().waiting, 0)),
    ...[adaptiveBulkhead, bulkhead].map((each) => equal(`${each.name} running`, each.getStats().running, 0)),
    ...[retry, shedLoad, adaptiveBulkhead].map((each) =>
      equal(`${each.name} predicate errors`, each.getStats().predicateErrors, 0),
    ),
  ];
}
