import { bulkhead, cache, CircuitBreaker, rateLimit } from 'fusewire';
import type { Bulkhead, Cache, RateLimit } from 'fusewire';
import { runBundled } from './bundled.ts';

let breaker: CircuitBreaker | undefined;
let one: Bulkhead | undefined;
let limited: RateLimit | undefined;
let remembered: Cache<false> | undefined;
let calls = 0;
let arrived = 0;

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Queues a call for a slot that the call of another request holds. */
function queue(): Promise<string> {
  arrived++;
  const done = one?.execute(() => 'done') ?? Promise.reject(new Error('no request holds the slot'));
  return done.catch((error: Error) => error.name);
}

/** Answer of each path. A request may end before the next one arrives; breakers and policies stay. */
const answers: Readonly<Record<string, () => unknown>> = {
  '/suite': runBundled,
  '/call': () => (breaker ??= new CircuitBreaker({ timeout: 50 })).tryExecute(() => 1),
  '/hold': () => {
    arrived++;
    one = bulkhead({ limit: 1, queueSize: 2 });
    // The slot stays taken until the three requests of /queue have arrived.
    return one.execute(async () => {
      while (arrived < 4) await wait(20);
      return 'held';
    });
  },
  '/queue': queue,
  '/rate': () => {
    arrived++;
    limited ??= rateLimit({ limit: 1, per: 200, maxWait: 5_000 });
    return limited.execute(() => wait(1).then(() => ++calls));
  },
  '/cached': () => {
    arrived++;
    remembered ??= cache({ freshFor: 60_000, key: () => 'rates' });
    return remembered.execute(() => wait(300).then(() => ++calls));
  },
  '/arrived': () => arrived,
  '/hang': async () => {
    const result = await breaker?.tryExecute(() => new Promise(() => {}));
    return result?.status === 'failure' ? String(result.error) : result;
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await answers[new URL(request.url).pathname]?.());
  },
};
