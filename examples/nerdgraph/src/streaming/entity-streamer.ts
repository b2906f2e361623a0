import { randomUUID } from 'node:crypto';
import type { Outcome, Verdict } from 'fusewire';
import { readRetryAfter } from 'fusewire/kit';
import type { Consumer, Queue } from 'fusewire/queue';
import { inject, injectable } from 'inversify';
import type { Settings } from '../infrastructure/config/settings.ts';
import { TYPES } from '../infrastructure/config/types.ts';
import type { CircuitBreaker, CircuitBreakerFactory } from '../infrastructure/resilience/circuit-breaker.ts';
import { HttpError } from '../shared/utils/http-error.ts';
import type { Logger } from '../shared/utils/logger.ts';
import type { NerdGraphClient } from '../shared/utils/nerdgraph-client.ts';

/** Entity, as an event of New Relic: a flat object. */
export type Entity = Readonly<Record<string, string | number | boolean>> & { readonly eventType: string };

const TOPIC = 'entities';

/**
 * Streams entities to the Event API in batches, behind the breaker `event-api`. Batches wait in a file of SQLite, so an outage
 * and the end of the process lose none. A batch that may have arrived is looked up before it is sent again.
 */
@injectable()
export class EntityStreamer {
  private readonly settings: Settings;
  private readonly logger: Logger;
  private readonly circuitBreaker: CircuitBreaker;
  private readonly nerdGraph: NerdGraphClient;
  private readonly queue: Queue<Entity[]>;
  private consumer: Consumer | undefined;

  constructor(
    @inject(TYPES.Settings) settings: Settings,
    @inject(TYPES.Logger) logger: Logger,
    @inject(TYPES.CircuitBreakerFactory) circuitBreakerFactory: CircuitBreakerFactory,
    @inject(TYPES.NerdGraphClient) nerdGraph: NerdGraphClient,
    @inject(TYPES.EntityQueue) queue: Queue<Entity[]>,
  ) {
    this.settings = settings;
    this.logger = logger;
    this.nerdGraph = nerdGraph;
    this.queue = queue;
    this.circuitBreaker = circuitBreakerFactory.create({
      name: 'event-api',
      failureThreshold: 3,
      successThreshold: 2,
      timeout: settings.EVENT_API_TIMEOUT,
      retryDelay: settings.EVENT_API_RETRY_DELAY,
      monitoringWindow: 60_000,
    });
  }

  /** Starts to send batches, first those of an earlier process. */
  start(): void {
    const retryDelay = this.settings.EVENT_API_RETRY_DELAY;
    this.consumer = this.queue.consume(
      {
        topic: TOPIC,
        // An outage may be long. What New Relic refuses as invalid becomes a dead letter at once.
        maxAttempts: 1_000,
        classify,
        retryDelay,
        maxRetryDelay: 6 * retryDelay,
        pollInterval: Math.min(1_000, retryDelay),
        leaseTime: this.settings.EVENT_API_TIMEOUT + this.settings.NERDGRAPH_TIMEOUT,
      },
      (batch, { key, attempt, signal }) => this.deliver(batch, key, attempt, signal),
    );
    this.consumer.on('failed', ({ key, delay }) => this.logger.warn(`Batch ${key} is tried again in ${delay} ms`));
    this.consumer.on('buried', ({ key }) => this.logger.error(`New Relic refuses batch ${key}: it is a dead letter`));
    this.consumer.on('fault', ({ error }) => this.logger.error('The queue of the entities failed', error));
  }

  /** Resolves when all batches are on the disk. They are sent as soon as the circuit admits them. */
  async streamEntities(entities: readonly Entity[]): Promise<void> {
    const run = randomUUID();
    const batches = this.createBatches(entities);
    await this.queue.enqueueAll(
      batches.map((payload, index) => ({ topic: TOPIC, key: `${run}-${index + 1}`, payload })),
    );
  }

  /** Returns the number of batches that wait or are being sent. */
  async pending(): Promise<number> {
    const { waiting, running } = await this.queue.size(TOPIC);
    return waiting + running;
  }

  /** Stops sending. What waits stays on the disk. */
  async stop(): Promise<void> {
    await this.consumer?.close({ timeout: 1_000 });
  }

  private createBatches(entities: readonly Entity[]): Entity[][] {
    const { BATCH_SIZE } = this.settings;
    const count = Math.ceil(entities.length / BATCH_SIZE);
    return Array.from({ length: count }, (_, index) => entities.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE));
  }

  private async deliver(batch: Entity[], batchId: string, attempt: number, signal: AbortSignal): Promise<void> {
    if (attempt > 1 && (await this.hasArrived(batch, batchId, signal))) return;
    await this.circuitBreaker.execute((call) => this.sendBatch(batch, batchId, call.signal), { signal });
  }

  /** Whether New Relic has the batch: an earlier attempt may have lost its answer, or its process. */
  private async hasArrived([first]: Entity[], batchId: string, signal: AbortSignal): Promise<boolean> {
    const nrql = `SELECT count(*) AS 'count' FROM ${first?.eventType} WHERE batchId = '${batchId}' SINCE 1 week ago`;
    const [row] = await this.nerdGraph.nrql<{ count: number }>(nrql, signal);
    return row !== undefined && row.count > 0;
  }

  private async sendBatch(batch: Entity[], batchId: string, signal: AbortSignal): Promise<void> {
    const { EVENT_API_URL, NEW_RELIC_ACCOUNT_ID, NEW_RELIC_INGEST_KEY } = this.settings;
    const response = await fetch(new URL(`/v1/accounts/${NEW_RELIC_ACCOUNT_ID}/events`, EVENT_API_URL), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Api-Key': NEW_RELIC_INGEST_KEY },
      body: JSON.stringify(batch.map((entity) => ({ ...entity, batchId }))),
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new HttpError(`Event API error: ${response.status}`, response);
  }
}

/** Judges an attempt: what New Relic refuses as invalid is not repeated. A wrong key (403) is, until the operator mends it. */
function classify(outcome: Outcome): Verdict {
  if (!('error' in outcome)) return 'success';
  const { error } = outcome;
  if (error instanceof HttpError && (error.status === 400 || error.status === 413)) return 'ignore';
  return { verdict: 'failure', retryAfter: readRetryAfter(error) };
}
