/** Mistakes that the compiler refuses. It checks this file with all others; nothing runs it. */
import { CircuitBreaker, pipeline } from 'fusewire';

const breaker = new CircuitBreaker({ name: 'mpesa' });
const result = await breaker.tryExecute(() => Promise.resolve(1));

// P7: a rejected result has no reason to throw.
// @ts-expect-error there is no reason
if (result.status === 'rejected') throw result.reason;

// P8: a cache needs a key.
// @ts-expect-error the option key is missing
await pipeline({ cache: { staleFor: 60_000 }, breaker }).execute(() => Promise.resolve(1));

// P21: a stream has not succeeded when it begins. Nobody can read it, and in development there is a warning, too.
const stream = await breaker.execute(async function* () {
  yield await Promise.resolve(1);
});
// @ts-expect-error the value is no stream
for await (const item of stream) console.log(item);

// P27: a copy does the work twice.
// @ts-expect-error the option idempotent is missing
pipeline({ hedge: 100, breaker });
