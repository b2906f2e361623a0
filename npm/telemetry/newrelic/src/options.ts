import type { BreakerRegistry, CircuitBreaker, Logger, Pipeline } from 'fusewire';
import { readBreakerSources, readOptions } from 'fusewire/kit';

/** Source of events: the breakers of a registry, a breaker, or the breaker of a pipeline. */
export type NewRelicSource = BreakerRegistry | CircuitBreaker | Pipeline<unknown, boolean>;

/** The agent of New Relic, the module `newrelic`: the part that this package uses. */
export interface NewRelicAgent {
  recordCustomEvent(eventType: string, attributes: Record<string, string | number | boolean>): void;
}

/** Options of {@link newRelicStreamer}. */
export interface NewRelicStreamerOptions {
  /** Number of the account, for the Event API. */
  readonly accountId?: number | undefined;
  /** License key or insert key of the account. */
  readonly apiKey: string;
  /** Region of the account. Default `'us'`. */
  readonly region?: 'us' | 'eu' | undefined;
  /** Address of the events, for a proxy. Default: that of the account in its region. */
  readonly url?: string | undefined;
}

/** Options of {@link newRelic}. */
export interface NewRelicOptions {
  /** Sources of the events. */
  readonly sources: readonly NewRelicSource[];
  /** The agent, the module `newrelic`, which sends the events. Without it, they go to the Event API. */
  readonly agent?: NewRelicAgent | undefined;
  /** Number of the account, for the Event API. */
  readonly accountId?: number | undefined;
  /** License key or insert key of the account, for the Event API. */
  readonly apiKey?: string | undefined;
  /** Region of the account. Default `'us'`. */
  readonly region?: 'us' | 'eu' | undefined;
  /** Address of the events, for a proxy. Default: that of the account in its region. */
  readonly url?: string | undefined;
  /** Milliseconds between two reports of the counters: 1 000 to 3 600 000. Default 60 000. */
  readonly interval?: number | undefined;
  /** Attributes that every event has besides, such as `{ service: 'orders' }`. Default none. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Receives what could not be sent. Default: a warning of the process, once. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
}

/** Destination of the events at the Event API. */
export interface Destination {
  readonly url: string;
  readonly apiKey: string;
}

/** Settings that were read from {@link NewRelicOptions}. */
export interface Settings {
  readonly sources: readonly NewRelicSource[];
  readonly to: NewRelicAgent | Destination;
  readonly interval: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly logger: Pick<Logger, 'error'> | undefined;
}

const HOSTS = { us: 'insights-collector.newrelic.com', eu: 'insights-collector.eu01.nr-data.net' } as const;
const INTERVAL = { least: 1_000, most: 3_600_000, default: 60_000 } as const;
const MOST_ATTRIBUTES = 20;

export function readNewRelicOptions(options: NewRelicOptions): Settings {
  const reader = readOptions('Telemetry', 'newrelic', options);
  const sources = readBreakerSources<NewRelicSource>(reader);
  const agent = reader.value('agent') as Partial<NewRelicAgent> | null | undefined;
  if (agent !== undefined && typeof agent?.recordCustomEvent !== 'function') {
    reader.report('agent', 'type', 'the module newrelic');
  }
  const destination = readDestination(reader, agent === undefined ? 'given, or agent' : undefined);
  const milliseconds = `a number of milliseconds from ${INTERVAL.least} to ${INTERVAL.most}`;
  const interval = reader.number('interval', INTERVAL.least, INTERVAL.most, milliseconds) ?? INTERVAL.default;
  const attributes = reader.value('attributes') ?? {};
  if (!areAttributes(attributes)) {
    reader.report('attributes', 'type', `an object of at most ${MOST_ATTRIBUTES} texts, numbers and booleans`);
  }
  const logger = reader.value('logger') as Partial<Logger> | null | undefined;
  if (logger !== undefined && typeof logger?.error !== 'function') reader.report('logger', 'type', 'a logger');
  reader.finish('sources');
  return {
    sources: sources ?? [],
    to: (agent as NewRelicAgent | undefined) ?? destination,
    interval,
    attributes: attributes as Settings['attributes'],
    logger: logger as Settings['logger'],
  };
}

/** Returns the settings of {@link NewRelicStreamerOptions}. */
export function readStreamerOptions(options: NewRelicStreamerOptions): Destination {
  const reader = readOptions('Streamer', 'newrelic', options);
  const destination = readDestination(reader, 'given');
  reader.finish();
  return destination;
}

/** Reads the destination of events. `need` is the requirement for it; undefined if the agent sends them. */
function readDestination(
  reader: ReturnType<typeof readOptions>,
  need: 'given' | 'given, or agent' | undefined,
): Destination {
  const accountId = reader.number('accountId', 1, Number.MAX_SAFE_INTEGER, 'the number of the account', true);
  const apiKey = reader.value('apiKey');
  // The key is a secret, so that no message shows what was given.
  if (apiKey !== undefined && (typeof apiKey !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(apiKey))) {
    reader.report('apiKey', 'conflict', 'a key of 1 to 255 characters without spaces');
  }
  const region = reader.oneOf('region', ['us', 'eu']) ?? 'us';
  const url = reader.value('url');
  if (url !== undefined && (typeof url !== 'string' || !URL.canParse(url) || !/^https?:/.test(url))) {
    reader.report('url', 'conflict', 'an address that begins with https:// or http://');
  }
  if (need !== undefined) {
    if (apiKey === undefined) reader.report('apiKey', 'missing', need);
    if (accountId === undefined && url === undefined) reader.report('accountId', 'missing', need);
  } else if (apiKey !== undefined) reader.report('apiKey', 'conflict', 'given without agent');
  const address = url ?? `https://${HOSTS[region]}/v1/accounts/${accountId}/events`;
  return { url: address as string, apiKey: apiKey as string };
}

function areAttributes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MOST_ATTRIBUTES &&
    entries.every(
      ([name, each]) => name !== '' && name.length <= 255 && ['string', 'number', 'boolean'].includes(typeof each),
    )
  );
}
