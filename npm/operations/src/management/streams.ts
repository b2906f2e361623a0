import type { OperationsEvent } from '../events/event.ts';
import type { EventFilter } from '../events/filter.ts';
import type { EventSubscription } from '../events/log.ts';
import { usableBreakers } from '../sources.ts';
import { isText } from './fields.ts';
import { viewOf } from './operations/breakers.ts';
import type { Services } from './operations/operation.ts';
import { RequestProblem } from './problem.ts';
import type { SetTimer } from './timers.ts';

/** Things that a client follows. */
export interface Followed {
  readonly filter: EventFilter;
  readonly breakers: boolean;
}

/** Milliseconds between two looks at the breakers. */
const TICK = 1_000;
/** Milliseconds in which events are collected before they are sent. */
const BATCH = 100;
/** Milliseconds without a frame after which a comment is sent, so that no proxy takes the connection for dead. */
const HEARTBEAT = 15_000;
/** Milliseconds after which a stream ends. The client connects again, and `authorize` is asked again. */
const LIFETIME = 900_000;
const MOST_STREAMS = 100;
/** Most events that wait for a slow client. */
const MOST_WAITING = 1_000;
/** Chunks that a slow client may leave unread. */
const MOST_CHUNKS = 4;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no',
} as const;

const encoder = new TextEncoder();

/** JSON of the breakers by name, in which a change shows. */
type Picture = ReadonlyMap<string, string>;

/** Streams of server-sent events. They share one timer, which runs only while there are any. */
export class Streams {
  readonly #clients = new Set<Client>();
  readonly #setTimer: SetTimer;
  readonly #now: () => number;
  #stopTimer: (() => void) | undefined;

  constructor(setTimer: SetTimer, now: () => number) {
    this.#setTimer = setTimer;
    this.#now = now;
  }

  /** Number of open streams. */
  get size(): number {
    return this.#clients.size;
  }

  /**
   * Returns a response whose body is a stream, until the client goes.
   *
   * @throws {RequestProblem} if there are too many.
   */
  open(services: Services, request: Request, followed: Followed): Response {
    if (request.method === 'HEAD') return new Response(null, { headers: HEADERS });
    if (this.#clients.size >= MOST_STREAMS) {
      const detail = `There are ${MOST_STREAMS} streams already`;
      throw new RequestProblem('too-many-requests', detail, { headers: { 'retry-after': '10' } });
    }
    const client = new Client(services, followed, this.#setTimer, this.#now, () => this.#remove(client));
    this.#clients.add(client);
    const { signal } = request;
    const end = () => client.end();
    signal.addEventListener('abort', end, { once: true });
    client.onEnd(() => signal.removeEventListener('abort', end));
    if (signal.aborted) client.end();
    const last = request.headers.get('last-event-id');
    const body = client.start(isText(last, 1, 200) ? last : undefined);
    this.#arm(services);
    return new Response(body, { headers: HEADERS });
  }

  /** Ends all streams. */
  close(): void {
    for (const client of this.#clients) client.end();
  }

  #arm(services: Services): void {
    if (this.#stopTimer !== undefined || this.#clients.size === 0) return;
    this.#stopTimer = this.#setTimer(() => {
      this.#stopTimer = undefined;
      const isFollowed = [...this.#clients].some(({ followed }) => followed.breakers);
      const picture = isFollowed ? pictureOf(services) : new Map<string, string>();
      for (const client of this.#clients) client.tick(picture);
      this.#arm(services);
    }, TICK);
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}

/** Client that reads a stream. A slow one misses pictures in between, and events beyond a number; nothing piles up. */
class Client {
  readonly followed: Followed;
  readonly #services: Services;
  readonly #setTimer: SetTimer;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #onEnd: (() => void)[];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #subscription: EventSubscription | undefined;
  #stopBatch: (() => void) | undefined;
  #waiting: OperationsEvent[] = [];
  #hasMissed = false;
  #sent: Picture = new Map();
  #lastFrame: number;
  #hasEnded = false;

  constructor(services: Services, followed: Followed, setTimer: SetTimer, now: () => number, onEnd: () => void) {
    this.#services = services;
    this.followed = followed;
    this.#setTimer = setTimer;
    this.#now = now;
    this.#onEnd = [onEnd];
    this.#startedAt = this.#lastFrame = now();
  }

  /** Calls a function when the stream has ended. */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  /** Starts the stream: with all breakers, and the events after the one with this id. */
  start(after: string | undefined): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          if (this.#hasEnded) return controller.close();
          this.#write('retry: 2000\n\n');
          if (this.followed.breakers) this.#sendPicture(pictureOf(this.#services));
          this.#follow(after);
        },
        pull: () => this.#flush(),
        cancel: () => this.end(),
      },
      { highWaterMark: MOST_CHUNKS },
    );
  }

  /** Sends what has changed since the last time, or a heartbeat. Ends the stream after its lifetime. */
  tick(picture: Picture): void {
    const now = this.#now();
    if (now - this.#startedAt >= LIFETIME) return this.end();
    this.#flush();
    if (!this.#canWrite()) return;
    if (this.followed.breakers) this.#sendPicture(picture);
    if (now - this.#lastFrame >= HEARTBEAT) this.#write(':\n\n');
  }

  /** Ends the stream. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#subscription?.stop();
    this.#stopBatch?.();
    this.#waiting = [];
    try {
      this.#controller?.close();
    } catch {
      // The client has cancelled the stream.
    }
    for (const callback of this.#onEnd) callback();
  }

  #follow(after: string | undefined): void {
    const { events } = this.#services;
    if (events === undefined) return;
    const listener = (event: OperationsEvent) => this.#add(event);
    this.#subscription = events.follow(listener, { ...this.followed.filter, after });
    if (this.#subscription.missed) this.#hasMissed = true;
    this.#flush();
  }

  #add(event: OperationsEvent): void {
    if (this.#hasEnded) return;
    if (this.#waiting.length >= MOST_WAITING) this.#hasMissed = true;
    else this.#waiting.push(event);
    this.#stopBatch ??= this.#setTimer(() => {
      this.#stopBatch = undefined;
      this.#flush();
    }, BATCH);
  }

  /** Sends the events that wait, if the client reads. Those after a gap follow the frame that names the gap. */
  #flush(): void {
    if ((this.#waiting.length === 0 && !this.#hasMissed) || !this.#canWrite()) return;
    const frames = this.#waiting.map((event) => frame('event', JSON.stringify(event), event.id));
    if (this.#hasMissed) frames.push(frame('missed', '{}'));
    this.#waiting = [];
    this.#hasMissed = false;
    this.#write(frames.join(''));
  }

  #sendPicture(picture: Picture): void {
    const { breaker } = this.followed.filter;
    const isWanted = (name: string) => breaker === undefined || name === breaker;
    const changed = [...picture].filter(([name, text]) => isWanted(name) && this.#sent.get(name) !== text);
    const removed = [...this.#sent.keys()].filter((name) => isWanted(name) && !picture.has(name));
    const isFirst = this.#sent.size === 0;
    this.#sent = picture;
    if (changed.length === 0 && removed.length === 0) return;
    const breakers = changed.map(([name]) => viewIn(this.#services, name)).filter((text) => text !== undefined);
    const all = isFirst ? ',"all":true' : '';
    this.#write(frame('breakers', `{"breakers":[${breakers.join(',')}],"removed":${JSON.stringify(removed)}${all}}`));
  }

  #canWrite(): boolean {
    return !this.#hasEnded && (this.#controller?.desiredSize ?? 0) > 0;
  }

  #write(text: string): void {
    this.#lastFrame = this.#now();
    this.#controller?.enqueue(encoder.encode(text));
  }
}

/** Returns the JSON of the breakers, without numbers that change although nothing has happened. */
function pictureOf(services: Services): Picture {
  const entries = usableBreakers(services.source).map(([name, breaker]) => {
    const { stats, ...view } = viewOf(services, name, breaker, true);
    return [
      name,
      JSON.stringify([
        { ...view, retryAfter: null },
        { ...stats, uptime: 0, retryAfter: 0, nextAttemptTime: 0 },
      ]),
    ] as const;
  });
  return new Map(entries);
}

function viewIn(services: Services, name: string): string | undefined {
  const breaker = services.source.get(name);
  if (breaker === undefined || breaker.disposed) return undefined;
  return JSON.stringify(viewOf(services, name, breaker, true));
}

function frame(event: string, data: string, id?: string): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id.replaceAll(/[\r\n\0]/g, '')}\n`}data: ${data}\n\n`;
}
