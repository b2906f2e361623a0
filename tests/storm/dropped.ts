/** Pipelines whose breaker is disposed, and whose queue is left, while calls are under way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bulkhead, fallback, isBreakerDisposedError, memoryQueue, pipeline, queued, retry, timeout } from 'fusewire';
import type { BackendKind, BreakerRegistry } from 'fusewire';
import { CountedQueue } from './counted-queue.ts';
import type { Random } from './random.ts';
import type { Requests } from './requests.ts';
import { sum } from './sums.ts';
import type { Sum } from './sums.ts';

const CALLS = 20;
const CALLS_AFTERWARDS = 5;
const LONGEST_LIFE = 120;

/** Makes a pipeline, and ends it in the middle of its calls. Returns what is to add up once all have ended. */
export async function dropInMidFlight(
  registry: BreakerRegistry,
  backend: BackendKind,
  service: Requests,
  random: Random,
): Promise<Sum[]> {
  const breaker = registry.create('dropped', { backend, failureThreshold: 5 });
  registry.delete('dropped');
  const queue = new CountedQueue(memoryQueue<number>());
  await queue.queue.enqueue({ key: 'there before', payload: 0 });
  let operations = 0;
  const later = queued<number>({
    queue: queue.queue,
    breaker,
    idempotencyKey: ({ args }) => `call ${args[0]}`,
    payload: ({ args }) => args[0] as number,
    operation: async (_payload, { key, signal }) => {
      operations++;
      await service.get(signal);
      queue.done(key);
    },
    concurrency: 3,
    retryDelay: 10,
  });
  const parts = {
    retry: retry({ delay: 10 }),
    bulkhead: bulkhead({ limit: 10, queueSize: 5, queueTimeout: 50 }),
    attempt: timeout(100),
  };
  let works = 0;
  const work = ({ signal }: { readonly signal: AbortSignal }) => (works++, service.get(signal));
  const calls = pipeline([fallback([later]), timeout(500), parts.retry, breaker, parts.bulkhead, parts.attempt]);
  const start = (_: unknown, index: number) => calls.execute(work, { args: [index] });
  const replay = later.replay();
  const begun = Array.from({ length: CALLS }, start);
  await sleep(random.between(0, LONGEST_LIFE));
  const { totalRequests, totalRejected } = breaker.getStats();
  breaker.dispose();
  const afterwards = Array.from({ length: CALLS_AFTERWARDS }, (_, index) => breaker.execute(() => index));
  const settled = await Promise.allSettled([...begun, ...afterwards]);
  await replay;
  await later.close();
  const sums = [
    sum('calls that ended', settled.length, CALLS + CALLS_AFTERWARDS),
    sum('calls after dispose that were told of it', settled.slice(CALLS).filter(wasDisposed).length, CALLS_AFTERWARDS),
    sum('calls of the bulkhead', parts.bulkhead.getStats().totalCalls, totalRequests - totalRejected - operations),
    sum('runs of the work', works, parts.attempt.getStats().totalCalls),
    sum('calls of the retry in flight', parts.retry.getStats().inFlight, 0),
    sum('places taken', parts.bulkhead.getStats().running, 0),
    ...(await queue.sums()),
  ];
  await queue.queue.close();
  return sums.map(({ what, ...counted }) => ({ what: `disposed in mid-flight: ${what}`, ...counted }));
}

function wasDisposed(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'rejected' && isBreakerDisposedError(result.reason);
}
