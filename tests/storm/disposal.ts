import { setTimeout as sleep } from 'node:timers/promises';
import { bulkhead, fallback, BreakerDisposedError, pipeline, retry, timeout } from 'fusewire';
import { memoryQueue, queued } from 'fusewire/queue';
import type { BackendKind, BreakerRegistry } from 'fusewire';
import { equal, prefixed, within } from './checks.ts';
import type { Check } from './checks.ts';
import { CountedQueue } from './counted-queue.ts';
import type { Random } from './random.ts';
import type { TrackedService } from './tracked-service.ts';

const CALLS = 20;
const CALLS_AFTER_DISPOSAL = 5;
/** Longest time in milliseconds until the breaker is disposed. */
const LONGEST_LIFE = 120;

/** Creates a pipeline, and disposes its breaker while calls are in flight. Returns the checks after all calls have settled. */
export async function disposeInFlight(
  registry: BreakerRegistry,
  backend: BackendKind,
  service: TrackedService,
  random: Random,
): Promise<Check[]> {
  const breaker = registry.create('disposed', { backend, failureThreshold: 5 });
  registry.delete('disposed');
  const queue = new CountedQueue(memoryQueue<number>());
  await queue.queue.enqueue({ key: 'enqueued before', payload: 0, topic: 'writes' });
  let operations = 0;
  const writes = queued<number>({
    queue: queue.queue,
    breaker,
    topic: 'writes',
    key: ({ args }) => `call ${args[0]}`,
    payload: ({ args }) => args[0] as number,
    operation: async (_payload, { key, signal }) => {
      operations++;
      await service.get(signal);
      queue.markDone(key);
    },
    concurrency: 3,
    retryDelay: 10,
    pollInterval: 10,
  });
  const retries = retry({ delay: 10, idempotent: true });
  const slots = bulkhead({ limit: 10, queueSize: 5, maxWait: 50 });
  const attempt = timeout(100);
  let works = 0;
  const work = ({ signal }: { readonly signal: AbortSignal }) => (works++, service.get(signal));
  const calls = pipeline([fallback([writes]), timeout(500), retries, breaker, slots, attempt]);
  const started = Array.from({ length: CALLS }, (_, index) => calls.execute(work, { args: [index] }));
  await sleep(random.between(0, LONGEST_LIFE));
  const { totalRequests, totalRejected } = breaker.getStats();
  breaker.dispose();
  const startedLate = Array.from({ length: CALLS_AFTER_DISPOSAL }, (_, index) => breaker.execute(() => index));
  const results = await Promise.allSettled([...started, ...startedLate]);
  await writes.close();
  const disposed = results.slice(CALLS).filter(isDisposedRejection).length;
  const rejectedAfterWait = slots.getStats().totalCalls - (totalRequests - totalRejected - operations);
  const checks = [
    equal('calls that settled', results.length, CALLS + CALLS_AFTER_DISPOSAL),
    equal('calls after dispose() that rejected with BreakerDisposedError', disposed, CALLS_AFTER_DISPOSAL),
    // A call that waited when the circuit opened is in the queue and is rejected.
    within('calls rejected after a wait', rejectedAfterWait, 0, slots.getStats().totalAborted),
    equal('runs of the work', works, attempt.getStats().totalCalls),
    equal('calls of the retry in flight', retries.getStats().inFlight, 0),
    equal('slots taken', slots.getStats().running, 0),
    ...(await queue.checks()),
  ];
  await queue.queue.close();
  return prefixed('disposed in flight', checks);
}

function isDisposedRejection(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'rejected' && result.reason instanceof BreakerDisposedError;
}
