import type { Front } from './front.ts';
import { sum, within } from './sums.ts';
import type { Sum } from './sums.ts';

/** What one layer hands on is what the next has seen, and what the callers saw is what the layers tell. */
export function frontSums(front: Front): Sum[] {
  return [...callers(front), ...outer(front), ...inner(front), ...circuit(front), ...later(front), ...atRest(front)];
}

function callers({ calls, failures, answers, policies }: Front): Sum[] {
  const told = policies.fallback.getStats();
  const sources = new Set([...Object.keys(told.answers), ...Object.keys(answers)]);
  const answered = Object.values(told.answers).reduce((total, count) => total + count, 0);
  return [
    sum('calls = answers + failures', calls, answered + told.totalFailures),
    sum('failures', told.totalFailures, failures),
    ...[...sources].map((source) => sum(`answers from ${source}`, told.answers[source] ?? 0, answers[source] ?? 0)),
  ];
}

function outer({ calls, answers, policies }: Front): Sum[] {
  const [cache, total, retry, hedge, throttle, rate] = [
    policies.cache.getStats(),
    policies.timeout.getStats(),
    policies.retry.getStats(),
    policies.hedge.getStats(),
    policies.throttle.getStats(),
    policies.rateLimit.getStats(),
  ];
  return [
    sum('calls of the cache', cache.totalCalls, calls),
    sum('hits of the cache', cache.totalHits, answers.cache ?? 0),
    sum('stale answers of the cache', cache.totalStale, answers['fallback:cache'] ?? 0),
    sum('calls of the total timeout', total.totalCalls, cache.totalMisses),
    sum('calls of the retry', retry.totalCalls, total.totalCalls),
    sum('calls of the hedge', hedge.totalCalls, retry.totalCalls + retry.totalRetries),
    sum('calls of the throttle', throttle.totalCalls, hedge.totalCalls + hedge.totalHedges),
    sum('calls of the rate limit', rate.totalCalls, throttle.totalCalls - throttle.totalThrottled),
    sum('ends of the rate limit', rate.totalCalls, rate.totalAdmitted + rate.totalRejected + rate.totalAborted),
  ];
}

function inner({ operations, works, breaker, policies }: Front): Sum[] {
  const { totalRequests, totalRejected } = breaker.getStats();
  const [limit, places, attempt] = [
    policies.adaptiveLimit.getStats(),
    policies.bulkhead.getStats(),
    policies.attemptTimeout.getStats(),
  ];
  return [
    sum('calls of the adaptive limit', limit.totalCalls, totalRequests - totalRejected - operations),
    sum('calls of the bulkhead', places.totalCalls, limit.totalAdmitted),
    ...[limit, places].map(({ name, totalCalls, totalAdmitted, totalRejected, totalQueueTimeouts, totalAborted }) =>
      sum(`ends of ${name}`, totalCalls, totalAdmitted + totalRejected + totalQueueTimeouts + totalAborted),
    ),
    sum('calls of the attempt timeout', attempt.totalCalls, places.totalAdmitted),
    sum('runs of the work', works, attempt.totalCalls),
  ];
}

function circuit({ opens, rejects, stateChanges, operations, breaker, policies, queue }: Front): Sum[] {
  const stats = breaker.getStats();
  const { totalRequests, totalSuccesses, totalFailures, totalIgnored, totalRejected } = stats;
  const admitted = policies.rateLimit.getStats().totalAdmitted;
  return [
    sum('requests = ends', totalRequests, totalSuccesses + totalFailures + totalIgnored + totalRejected),
    sum('requests that ran', totalRequests - totalRejected, admitted - opens + operations),
    sum('events of rejections', rejects, totalRejected),
    sum('events of changes of state', stateChanges, stats.stateChanges),
    within('rejected operations of the queue', totalRejected - opens, 0, queue.released),
    sum('engine errors', stats.engineErrors, 0),
  ];
}

function later({ policies, queue, operations }: Front): Sum[] {
  const stats = policies.later.getStats();
  return [
    sum('operations that were queued', stats.totalQueued, queue.added),
    sum('operations that were there already', stats.totalDuplicates, queue.duplicates),
    sum('operations that were done', stats.totalCompleted, queue.completed),
    sum('operations that were given up', stats.totalBuried, queue.buried),
    sum('attempts at operations', operations, stats.totalCompleted + stats.totalFailed),
  ];
}

/** Nothing runs, nobody waits, nothing is held. */
function atRest({ breaker, policies }: Front): Sum[] {
  const { timeout, retry, hedge, throttle, rateLimit, adaptiveLimit, bulkhead, attemptTimeout } = policies;
  return [
    ...[breaker, retry, hedge, throttle].map((each) => sum(`${each.name} in flight`, each.getStats().inFlight, 0)),
    ...[timeout, attemptTimeout, adaptiveLimit, bulkhead].map((each) =>
      sum(`${each.name} overrunning`, each.getStats().overrunning, 0),
    ),
    ...[rateLimit, adaptiveLimit, bulkhead].map((each) => sum(`${each.name} waiting`, each.getStats().waiting, 0)),
    ...[adaptiveLimit, bulkhead].map((each) => sum(`${each.name} running`, each.getStats().running, 0)),
    ...[retry, throttle, adaptiveLimit].map((each) =>
      sum(`${each.name} predicate errors`, each.getStats().predicateErrors, 0),
    ),
  ];
}
