import { randomUUID } from 'node:crypto';
import { NerdGraph } from './nerdgraph.ts';
import type { Dashboard } from './nerdgraph.ts';
import { MisbehavingServer } from './server.ts';
import type { Answer, Request } from './server.ts';

/** Event as New Relic keeps it. */
export type Event = Readonly<Record<string, string | number | boolean>>;

/** Keys of the account. */
export const KEYS = { user: 'NRAK-user-key-of-the-example', ingest: 'ingest-key-of-the-example-NRAL' } as const;
export const ACCOUNT_ID = 1_234_567;

/** Stand-in for New Relic: NerdGraph and the Event API on 127.0.0.1, over the same events. */
export class NewRelic {
  /** Events that were accepted, in their order. */
  readonly events: Event[] = [];
  readonly #nerdGraph = new NerdGraph(KEYS.user, this.events);
  readonly nerdGraph = new MisbehavingServer((request) => this.#nerdGraph.answer(request));
  readonly eventApi = new MisbehavingServer((request) => this.#accept(request));

  /** Dashboards that were created. */
  get dashboards(): readonly Dashboard[] {
    return this.#nerdGraph.dashboards;
  }

  /** Listens, and returns the variables with which the program uses it. */
  async listen(): Promise<Record<string, string>> {
    return {
      NEW_RELIC_ACCOUNT_ID: String(ACCOUNT_ID),
      NEW_RELIC_API_KEY: KEYS.user,
      NEW_RELIC_INGEST_KEY: KEYS.ingest,
      NERDGRAPH_URL: `${await this.nerdGraph.listen()}/graphql`,
      EVENT_API_URL: await this.eventApi.listen(),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.nerdGraph.close(), this.eventApi.close()]);
  }

  /** Returns the events of a type. */
  eventsOf(eventType: string): Event[] {
    return this.events.filter((event) => event['eventType'] === eventType);
  }

  #accept({ path, headers, bytes, body }: Request): Answer {
    if (path !== `/v1/accounts/${ACCOUNT_ID}/events`) return { status: 404, body: { error: 'unknown account' } };
    if (headers['api-key'] !== KEYS.ingest) return { status: 403, body: { error: 'invalid key' } };
    if (bytes > 1_000_000) return { status: 413, body: { error: 'too large' } };
    if (!Array.isArray(body) || body.length > 2_000 || !body.every(isEvent)) {
      return { status: 400, body: { error: 'invalid events' } };
    }
    this.events.push(...(body as Event[]));
    return { body: { success: true, uuid: randomUUID() } };
  }
}

function isEvent(event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  const { eventType } = event as { readonly eventType?: unknown };
  const values = Object.values(event);
  const isFlat = values.every((value) => ['string', 'number', 'boolean'].includes(typeof value));
  return typeof eventType === 'string' && /^[\w:]{1,255}$/.test(eventType) && isFlat;
}
