// Types that the compiler infers. The lint and the last test compile this file; the code runs as well.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  alternative,
  BreakerRegistry,
  cache,
  CircuitBreaker,
  fallback,
  CallTimeoutError,
  CircuitOpenError,
  pipeline,
  timeout,
} from 'fusewire';
import { memoryQueue, queued } from 'fusewire/queue';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { of } from 'rxjs';
import { degraded } from './support-fallback.ts';
import type { Observable } from 'rxjs';
import type { BreakerStats, CallContext, CallResult, CircuitState } from 'fusewire';
import type { PolicyCallOptions, RejectedError, Runner, StreamNotRead, TransitionReason } from 'fusewire';
import type { QueueReceipt } from 'fusewire/queue';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function expectType<Expected>() {
  return <const Actual>(_actual: Actual, ..._same: Equal<Actual, Expected> extends true ? [] : [never]): void =>
    undefined;
}

const breaker = new CircuitBreaker({ name: 'types' });

it('execute() has the result type of the work', () => {
  expectType<Promise<number>>()(breaker.execute(() => 1 as number));
  expectType<Promise<number>>()(breaker.execute(async () => 1 as number));
  expectType<Promise<string>>()(breaker.execute(Promise.resolve('text')));
  expectType<Promise<number>>()(breaker.execute((): number | Promise<number> => 1));
  expectType<Promise<undefined>>()(breaker.execute(() => undefined));
  expectType<Promise<void>>()(breaker.execute(async () => {}));
  expectType<Promise<number>>()(breaker.execute(async ({ signal }) => (signal.aborted ? 1 : 2) as number));
  expectType<Promise<CallResult<number>>>()(breaker.tryExecute(async () => 1 as number));
  void breaker.execute((context) => expectType<CallContext>()(context));
});

it('a function that returns an Observable has the result type of its first value', () => {
  const options = { observables: 'first-value' } as const;
  const observing = new CircuitBreaker(options);
  const calls = pipeline([observing, fallback({ strategies: [degraded('none' as string)], ...options })], {
    checked: false,
  });
  expectType<Promise<number | undefined>>()(observing.execute(() => of(1 as number)));
  expectType<Promise<number | undefined>>()(observing.execute(({ signal }) => of((signal.aborted ? 1 : 2) as number)));
  expectType<Promise<CallResult<number | undefined>>>()(observing.tryExecute(() => of(1 as number)));
  expectType<Promise<number | undefined>>()(observing.wrap((_, id: number) => of(id))(1));
  expectType<Promise<number | string | undefined>>()(calls.execute(() => of(1 as number)));
  expectType<Promise<CallResult<number | string | undefined>>>()(calls.tryExecute(() => of(1 as number)));
  expectType<Promise<number | undefined>>()(timeout({ timeout: 10, ...options }).execute(() => of(1 as number)));
});

it('other results keep their types, any, never and type parameters included', () => {
  const anything: any = 1; // eslint-disable-line @typescript-eslint/no-explicit-any
  expectType<Promise<any>>()(breaker.execute(() => anything)); // eslint-disable-line @typescript-eslint/no-explicit-any
  const failing = breaker.execute(() => {
    throw new Error('down');
  });
  expectType<Promise<never>>()(failing);
  failing.catch(() => undefined);
  const generic = <T>(work: () => T): Promise<Awaited<T>> => breaker.execute(work);
  const observed = <T>(source: Observable<T>): Promise<T | undefined> => breaker.execute(() => source);
  expectType<Promise<number>>()(generic(async () => 1 as number));
  observed(of(1)).catch(() => undefined);
});

it('a stream that execute() returns is no value, except for a socket and the answer of a server', () => {
  async function* items(): AsyncGenerator<number> {
    yield await Promise.resolve(1);
  }
  const readable = () => new Blob([]).stream();
  expectType<Promise<StreamNotRead>>()(breaker.execute(items));
  expectType<Promise<StreamNotRead>>()(breaker.execute(async () => items()));
  expectType<Promise<StreamNotRead>>()(breaker.execute(readable));
  expectType<Promise<CallResult<StreamNotRead>>>()(breaker.tryExecute(items));
  expectType<Promise<StreamNotRead>>()(breaker.wrap((_, count: number) => (count > 1 ? items() : items()))(1));
  expectType<Promise<StreamNotRead>>()(timeout(10).execute(items));
  expectType<Promise<StreamNotRead | string>>()(pipeline([fallback(() => 'none' as string)]).execute(items));
  expectType<Promise<IncomingMessage>>()(breaker.execute(() => Promise.resolve({} as IncomingMessage)));
  expectType<Promise<Socket>>()(breaker.execute(() => Promise.resolve({} as Socket)));
  expectType<Promise<Response>>()(breaker.execute(() => Promise.resolve(new Response())));
  const builder = {} as Promise<string[]> & AsyncIterable<string>;
  expectType<Promise<string[]>>()(breaker.execute(() => Object.assign(Promise.resolve([]), builder)));
});

it('executeStream() has the type of the items, and a ReadableStream for one', () => {
  async function* items(): AsyncGenerator<number> {
    yield await Promise.resolve(1);
  }
  const readable = () => new Blob([]).stream();
  type Numbers = AsyncIterableIterator<number>;
  expectType<Promise<Numbers> & AsyncIterable<number>>()(breaker.executeStream(items));
  expectType<Promise<Numbers> & AsyncIterable<number>>()(
    breaker.executeStream(async ({ signal }) => (signal.aborted ? items() : items())),
  );
  const answered = pipeline([fallback(() => 'none' as string)]).executeStream(items);
  answered.then((stream) => expectType<Numbers | string>()(stream)).catch(() => undefined);
  breaker.executeStream(readable).then((stream) => expectType<ReadableStream<Uint8Array<ArrayBuffer>>>()(stream));
  const generic = <T>(source: () => AsyncIterable<T>): AsyncIterable<T> => breaker.executeStream(source);
  expectType<AsyncIterable<number>>()(generic(items));
  // @ts-expect-error no stream
  breaker.executeStream(() => 1).catch(() => undefined);
  // @ts-expect-error a Response has its stream as its body
  breaker.executeStream(() => new Response()).catch(() => undefined);
});

it('wrap() keeps the parameters after the context, and `this`', () => {
  const wrapped = breaker.wrap(async ({ signal }, id: number, name?: string) => `${id}${name}${signal.aborted}`);
  expectType<(id: number, name?: string) => Promise<string>>()(wrapped as OmitThisParameter<typeof wrapped>);
  const sync = breaker.wrap((_, id: number) => id);
  expectType<Promise<number>>()(sync(1));
  const method = breaker.wrap(function (this: { base: number }, _: CallContext, add: number) {
    return this.base + add;
  });
  expectType<Promise<number>>()(method.call({ base: 1 }, 1));
  // @ts-expect-error a wrapped function takes what the function took
  void wrapped('1').catch(() => undefined);
  // @ts-expect-error `this` must fit
  void method.call({}, 1).catch(() => undefined);
});

it('breakers, policies and pipelines are runners', async () => {
  const get = (runner: Runner<string>) => runner.execute(() => 1 as number);
  const calls = pipeline([breaker, timeout(1_000)]);
  const answering = fallback([degraded('less' as string)]);
  const runners: readonly Runner<string>[] = [breaker, calls, timeout(1_000), answering];
  for (const runner of runners) {
    expectType<number | string>()(await get(runner));
    const result = await runner.tryExecute(() => 2);
    assert.deepEqual(result, { status: 'success', value: 2, source: 'call' });
    const add = runner.wrap(function (this: { base: number }, { signal }, more: number) {
      return signal.aborted ? 0 : this.base + more;
    });
    expectType<(this: { base: number }, more: number) => Promise<number | string>>()(add);
    assert.equal(await add.call({ base: 1 }, 2), 3);
  }
});

it('results, errors and events are narrowed', async () => {
  const result = await breaker.tryExecute(() => 1 as number);
  if (result.status === 'success') expectType<number>()(result.value);
  if (result.status === 'rejected') {
    expectType<RejectedError>()(result.rejection);
    expectType<number | null>()(result.retryAfter);
  }
  const error: unknown = undefined;
  if (error instanceof CircuitOpenError) expectType<number | null>()(error.retryAfter);
  if (error instanceof CallTimeoutError) expectType<'ERR_CALL_TIMEOUT'>()(error.code);
  breaker.on('stateChange', ({ to, reason }) => {
    expectType<CircuitState>()(to);
    expectType<TransitionReason>()(reason);
  })();
  breaker.on('success', ({ duration }) => expectType<number | null>()(duration))();
  assert.throws(() => {
    // @ts-expect-error there is no such event
    breaker.on('opened', () => undefined);
  });
});

it('wrong options are compile-time errors', () => {
  // @ts-expect-error a number is needed
  assert.throws(() => new CircuitBreaker({ failureThreshold: '5' }));
  // @ts-expect-error there is no such option
  assert.throws(() => new CircuitBreaker({ retries: 5 }));
  // @ts-expect-error a count window has no buckets
  assert.throws(() => new CircuitBreaker({ window: { type: 'count', buckets: 5 } }));
  // @ts-expect-error the registry gives the name
  assert.throws(() => new BreakerRegistry().create('mpesa', { name: 'sms', retries: 1 }));
  expectType<Record<string, BreakerStats>>()(new BreakerRegistry().getAllStats());
  expectType<Map<string, CircuitBreaker>>()(new BreakerRegistry().getAll());
  const withPredicate = new CircuitBreaker({ isFailure: ({ status }: { status: number }) => status >= 500 });
  assert.equal(withPredicate.name, 'unnamed');
  // @ts-expect-error numbers of another breaker's stats cannot be set
  assert.throws(() => (Object.freeze(breaker.getStats()).inFlight = 1));
});

it('fallback() adds the answer types of its strategies, also through a pipeline', async () => {
  const less = degraded('less' as string);
  const other = alternative('other', async () => null);
  expectType<Promise<number>>()(timeout(1_000).execute(() => 1 as number));
  expectType<Promise<number>>()(pipeline([breaker, timeout(1_000)]).execute(() => 1 as number));
  expectType<Promise<number | string | null>>()(fallback([less, other]).execute(() => 1 as number));
  const calls = pipeline([fallback({ strategies: [less, other], when: () => true }), breaker]);
  expectType<Promise<number | string | null>>()(calls.execute(async () => 1 as number));
  expectType<Promise<boolean | string | null>>()(pipeline([timeout(60_000), calls]).execute(() => true as boolean));
  const own = { name: 'own', execute: () => 1n as bigint };
  expectType<Promise<CallResult<number | bigint>>>()(fallback([own]).tryExecute(() => 1 as number));
  const later = queued<{ id: number }>({
    queue: memoryQueue(),
    payload: ({ args: [id] }) => ({ id: Number(id) }),
    topic: 'orders',
    key: ({ args }) => String(args[0]),
    operation: ({ id }, { signal }) => expectType<readonly [number, AbortSignal]>()([id, signal]),
  });
  expectType<Promise<number | QueueReceipt>>()(fallback([later]).execute(() => 1 as number));
  expectType<Promise<number | string>>()(fallback(() => 'none' as string).execute(() => 1 as number));
  expectType<Promise<number | string | null>>()(
    fallback([async () => null, (_error: unknown) => 'none' as string]).execute(() => 1 as number),
  );
  const parts = pipeline({ timeout: 10_000, retry: 3, breaker: { name: 'orders' }, bulkhead: 20, fallback: () => [] });
  const rows: string[] = await parts.execute(async () => ['row']);
  assert.deepEqual(rows, ['row']);
  const named = pipeline({ retry: false, fallback: [other, (error, { reason }) => `${String(error)} ${reason}`] });
  expectType<Promise<number | string | null>>()(named.execute(() => 1 as number));
  // @ts-expect-error a strategy has a name
  assert.throws(() => fallback([{ execute: () => 1 }]));
});

it('a cache without a key of its own demands the key of each call, also through a pipeline', async () => {
  const key = ({ args }: PolicyCallOptions) => String(args?.[0]);
  const keyed = { key: 'EUR' };
  for (const calls of [cache(), pipeline([timeout(60_000), cache(), breaker]), pipeline({ retry: 3, cache: {} })]) {
    expectType<Promise<number>>()(calls.execute(() => 1 as number, keyed));
    // @ts-expect-error a key is missing
    await assert.rejects(calls.execute(() => 1));
    // @ts-expect-error a key is missing
    await assert.rejects(calls.tryExecute(() => 1, { args: [] }));
  }
  for (const calls of [
    cache({ key }),
    pipeline([cache({ key })]),
    pipeline({ cache: { key } }),
    pipeline({ cache: false, retry: 3 }),
  ]) {
    expectType<Promise<number>>()(calls.execute(() => 1 as number));
  }
  expectType<(id: number) => Promise<string>>()(
    cache().wrap((_call, id: number) => String(id), { key: (id) => String(id) }) as (id: number) => Promise<string>,
  );
  // @ts-expect-error a key is missing
  cache().wrap((_call, id: number) => String(id));
  cache({ key }).wrap((_call, id: number) => String(id));
  const nested = pipeline([timeout(120_000), pipeline({ cache: cache() })]);
  // @ts-expect-error a key is missing
  await assert.rejects(nested.execute(() => 1));
  cache({ copy: structuredClone });
  cache({ copy: (rates: number[]) => [...rates] });
  // @ts-expect-error there is no such copy
  assert.throws(() => cache({ copy: 'json' }));
});

it('queued() without a key of its own demands the key of each call, also through a pipeline', async () => {
  const options = { queue: memoryQueue(), topic: 'orders', payload: () => 1, operation: () => 1 };
  const later = queued(options);
  for (const calls of [
    fallback([later]),
    pipeline([fallback({ strategies: [later] }), breaker]),
    pipeline({ breaker: false, fallback: [later] }),
    pipeline({ breaker: false, fallback: { strategies: [later] } }),
    pipeline({ breaker: false, fallback: fallback([later]) }),
  ]) {
    expectType<Promise<number | QueueReceipt>>()(calls.execute(() => 1 as number, { key: 'order 1' }));
    // @ts-expect-error a key is missing
    await calls.execute(() => 1);
  }
  const keyed = queued({ ...options, key: () => 'order 1' });
  expectType<Promise<number | QueueReceipt>>()(pipeline([fallback([keyed]), breaker]).execute(() => 1 as number));
  await Promise.all([later.close(), keyed.close()]);
});

it('this file compiles', () => {
  const here = dirname(fileURLToPath(import.meta.url));
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', join(here, '..', 'tsconfig.json')], {
    stdio: 'inherit',
  });
});
