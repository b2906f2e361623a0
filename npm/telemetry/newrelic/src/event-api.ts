import { CircuitBreaker, pipeline } from 'fusewire';
import type { NewRelicEvent } from './event.ts';
import type { Destination } from './options.ts';

/** Bytes of one request: the Event API accepts 1 000 000. */
const MOST_BYTES = 900_000;
const TIMEOUT = 10_000;

/** Failure of a request to the Event API. Its message has neither the key nor the address. */
class EventApiError extends Error {
  readonly status: number;
  /** Headers by which `retry` finds the delay that New Relic asks for. */
  readonly headers: { readonly 'retry-after'?: string };

  constructor(status: number, retryAfter: string | null) {
    super(`the Event API answered ${status}`);
    this.status = status;
    this.headers = retryAfter === null ? {} : { 'retry-after': retryAfter };
  }
}

/** Sends events to the Event API, behind a breaker of its own. */
export class EventApi {
  readonly #destination: Destination;
  readonly #guard = pipeline({
    name: 'newrelic-event-api',
    timeout: TIMEOUT,
    // Events have no ids: one that is sent again after an unknown outcome may be counted twice, which is better than none.
    retry: { attempts: 3, delay: 500, idempotent: true, retryIf: isTemporary },
    breaker: new CircuitBreaker({ name: 'newrelic-event-api', failureThreshold: 5, timeout: false }),
  });

  constructor(destination: Destination) {
    this.#destination = destination;
  }

  /** Resolves once all events are accepted. Rejects with the first failure. */
  async send(events: readonly NewRelicEvent[]): Promise<void> {
    for (const body of bodiesOf(events)) await this.#guard.execute(({ signal }) => this.#post(body, signal));
  }

  async #post(body: string, signal: AbortSignal): Promise<void> {
    const { url, apiKey } = this.#destination;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'api-key': apiKey },
      body,
      signal,
      // A redirect would take the key elsewhere.
      redirect: 'error',
    });
    await response.body?.cancel();
    if (!response.ok) throw new EventApiError(response.status, response.headers.get('retry-after'));
  }
}

function isTemporary(error: unknown): boolean {
  return !(error instanceof EventApiError) || error.status >= 500 || error.status === 429 || error.status === 408;
}

/** Returns the events as the bodies of as few requests as their bytes allow. */
function bodiesOf(events: readonly NewRelicEvent[]): string[] {
  const encoder = new TextEncoder();
  const bodies: string[] = [];
  let texts: string[] = [];
  let bytes = 2;
  for (const event of events) {
    const text = JSON.stringify(event);
    const its = encoder.encode(text).length + 1;
    if (bytes + its > MOST_BYTES && texts.length > 0) {
      bodies.push(`[${texts.join(',')}]`);
      texts = [];
      bytes = 2;
    }
    texts.push(text);
    bytes += its;
  }
  if (texts.length > 0) bodies.push(`[${texts.join(',')}]`);
  return bodies;
}
