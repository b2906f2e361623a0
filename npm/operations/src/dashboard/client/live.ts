import { read } from './api.ts';
import type { Breaker, OperationsEvent, Source } from '../../display/model.ts';
import type { Store } from './store.ts';

/** Milliseconds between two polls where no stream can be had. */
const POLL = 2_000;
/** Milliseconds after which a stream that failed is tried again beside the polls. */
const RETRY_STREAM = 30_000;

interface BreakersFrame {
  readonly breakers: readonly Breaker[];
  readonly removed: readonly string[];
  readonly all?: boolean;
}

/** Follows a source: by its stream, or by polling where streams do not live. */
export class Live {
  readonly #store: Store;
  readonly #source: Source;
  #poll: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store, source: Source) {
    this.#store = store;
    this.#source = source;
    this.#openStream();
  }

  #openStream(): void {
    const stream = new EventSource(`${this.#source.base}stream`);
    stream.addEventListener('breakers', ({ data }: MessageEvent<string>) => {
      this.#stopPolling();
      const { breakers, removed, all } = JSON.parse(data) as BreakersFrame;
      this.#store.setConnection(this.#source, 'live');
      this.#store.setBreakers(this.#source, breakers, removed, all === true);
    });
    stream.addEventListener('event', ({ data }: MessageEvent<string>) => {
      this.#store.addEvent(this.#source, JSON.parse(data) as OperationsEvent);
    });
    stream.addEventListener('open', () => this.#store.setConnection(this.#source, 'live'));
    stream.addEventListener('error', () => {
      // A stream that was only interrupted connects again by itself; polls bridge the gap.
      this.#startPolling();
      if (stream.readyState !== EventSource.CLOSED) return;
      setTimeout(() => this.#openStream(), RETRY_STREAM);
    });
  }

  #startPolling(): void {
    if (this.#poll !== undefined) return;
    const poll = async () => {
      try {
        this.#store.setBreakers(this.#source, await allBreakers(this.#source), [], true);
        this.#store.setConnection(this.#source, 'polling');
      } catch {
        this.#store.setConnection(this.#source, 'lost');
      }
      if (this.#poll !== undefined) this.#poll = setTimeout(() => void poll(), POLL);
    };
    this.#poll = setTimeout(() => void poll(), 0);
  }

  #stopPolling(): void {
    clearTimeout(this.#poll);
    this.#poll = undefined;
  }
}

/** Returns all breakers of a source, page by page. */
async function allBreakers(source: Source): Promise<Breaker[]> {
  const all: Breaker[] = [];
  for (let after: string | null = ''; after !== null;) {
    const query: Record<string, string> = { detailed: 'true', ...(after !== '' && { after }) };
    const page: { breakers: Breaker[]; next: string | null } = await read(source, 'breakers', query);
    all.push(...page.breakers);
    after = page.next;
  }
  return all;
}
