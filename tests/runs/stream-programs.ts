import { breakerProgram } from './breaker-program.ts';
import { AsyncResource } from 'node:async_hooks';
import type { CallContext, StreamResult } from 'fusewire';
import type { Observer, Program, Subject } from './program.ts';
import { breakerOf, fallbackOf, retryOf } from './subjects.ts';
import type { Fusewire } from './target.ts';

type Breaker = InstanceType<Fusewire['CircuitBreaker']>;
type Work = (context: CallContext) => unknown;
type Items = AsyncIterable<unknown> | ReadableStream<unknown>;
/** Reads a stream, and returns the value of the call. */
type Read = (stream: StreamResult<AsyncIterable<unknown>, unknown>) => Promise<unknown>;

interface Streamer {
  executeStream(
    work: (context: CallContext) => Items | Promise<Items>,
    options: object,
  ): StreamResult<AsyncIterable<unknown>, unknown>;
}

/** Scope of no call, in which the consumer of a stream may be. */
const elsewhere = new AsyncResource('elsewhere');

/** Two items, each of which is a piece of work. An abort does not end the wait for one. */
const generated = (work: Work) =>
  async function* (context: CallContext) {
    yield await work(context);
    yield await work(context);
  };

/** The same, once a first piece of work has opened it. */
const opened = (work: Work) => async (context: CallContext) => {
  await work(context);
  return generated(work)(context);
};

/** The same as a `ReadableStream`. */
const readable = (work: Work) => (context: CallContext) => {
  let left = 2;
  return new ReadableStream<unknown>(
    {
      pull: async (controller) => {
        if (left-- === 0) controller.close();
        else controller.enqueue(await work(context));
      },
    },
    { highWaterMark: 0 },
  );
};

const readAll: Read = async (stream) => {
  let last: unknown;
  for await (const item of stream) last = item;
  return last;
};

const readFirst: Read = async (stream) => {
  for await (const item of stream) return item;
  return undefined;
};

/** Awaits the stream, which may be the answer of a fallback. */
const readOpened: Read = async (stream) => {
  const opened = await stream;
  return opened === 'fallback' ? opened : readAll(opened as never);
};

/** Asks for all items at once, and from elsewhere. */
const readAtOnce: Read = async (stream) => {
  const items = stream[Symbol.asyncIterator]();
  const results = await elsewhere.runInAsyncScope(() => Promise.all([items.next(), items.next(), items.next()]));
  return results[1].value;
};

const readWeb: Read = async (stream) => {
  const reader = ((await stream) as unknown as ReadableStream<unknown>).getReader();
  for (let last: unknown; ;) {
    const { done, value } = await reader.read();
    if (done) return last;
    last = value;
  }
};

interface Kind {
  readonly read?: Read;
  readonly source?: (work: Work) => (context: CallContext) => Items | Promise<Items>;
  readonly options?: object;
}

/** Returns calls that read a stream of two items. */
function streamsOf(streamer: unknown, { read = readAll, source = generated, options = {} }: Kind): Subject['calls'] {
  const execute = (work: Work, call: object) =>
    read((streamer as Streamer).executeStream(source(work), { ...options, ...call }));
  return { execute } as unknown as Subject['calls'];
}

/** Programs whose calls are streams. */
export function streamPrograms(): Program[] {
  const alone = (name: string, kind: Kind, options: object = {}, rest: Partial<Program> = {}): Program =>
    breakerProgram(name, (breaker) => streamsOf(breaker, kind), options, rest);
  const limits = { firstItem: 15, betweenItems: 10 };
  return [
    alone('streams', { options: { betweenItems: 10 } }, {}, { together: true }),
    alone('streams with half-open circuit', { options: limits }, { failureThreshold: 1 }, { depth: 7 }),
    alone('streams whose consumer leaves', { read: readFirst, options: limits }, { failureThreshold: 1 }),
    alone('streams that are read at once and from elsewhere', { read: readAtOnce, options: limits }),
    alone('streams of the web', { read: readWeb, source: readable, options: limits }),
    alone('streams without limits', {}, { timeout: false, responseTimes: false }),
    alone('streams under commands', { options: limits }, {}, { commands: ['dispose', 'forceOpen', 'reset'], depth: 5 }),
    ...layered,
  ];
}

const layered: Program[] = [
  ...(
    [
      ['streams through a bulkhead', generated],
      ['streams that are opened through a bulkhead', opened],
    ] as const
  ).map(([name, source]): Program => ({
    name,
    calls: 2,
    depth: 6,
    aborts: true,
    create(fusewire, observer) {
      const breaker: Breaker = breakerOf(fusewire, observer);
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 1 });
      const calls = streamsOf(fusewire.pipeline([breaker, limit]), { source, options: { betweenItems: 10 } });
      return { calls, breaker, policies: [limit], limiters: [{ limit: 1, policy: limit }] };
    },
  })),
  {
    name: 'streams through a pipeline',
    calls: 2,
    depth: 6,
    aborts: true,
    create: (fusewire: Fusewire, observer: Observer) => {
      const breaker: Breaker = breakerOf(fusewire, observer);
      const retry = retryOf(fusewire, observer);
      const limit = fusewire.bulkhead({ limit: 1, queueSize: 1 });
      const layers = [
        fallbackOf(fusewire, observer),
        fusewire.timeout(60),
        retry,
        breaker,
        limit,
        fusewire.timeout(15),
      ];
      const calls = streamsOf(fusewire.pipeline(layers), { read: readOpened, options: { betweenItems: 10 } });
      return { calls, breaker, policies: [retry, limit], limiters: [{ limit: 1, policy: limit }] };
    },
  },
];
