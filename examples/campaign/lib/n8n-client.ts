import { CircuitOpenError } from 'fusewire';
import type { CircuitBreaker as Engine } from 'fusewire';
import type { Queue } from 'fusewire/queue';
import {
  CircuitBreaker,
  classifyN8NError,
  N8NClientError,
  n8nErrorOf,
  N8NQueueFallbackStrategy,
  N8NRateLimitError,
  N8NServerError,
  N8NSimulationFallbackStrategy,
} from './circuit-breaker.ts';
import type { CircuitBreakerConfig, FallbackStrategy, Logger } from './circuit-breaker.ts';
import { CONSUMER } from './campaigns/consumers.ts';
import { slotsOf } from './services/slots.ts';

export { N8NClientError, N8NRateLimitError, N8NServerError };

/** Workflow to start. The same `key` starts it once. */
export interface WorkflowStart {
  readonly key: string;
  readonly workflow: string;
  readonly input: unknown;
}

/** Execution of a workflow. */
export interface Execution {
  readonly executionId: string;
}

/** Answer to a start that n8n has not got, while the queue cannot keep it either. */
export interface SimulatedExecution {
  readonly simulated: true;
  readonly workflow: string;
}

/** Region of n8n. All regions share one database, so that a key starts a workflow once in all of them. */
export interface N8NRegion {
  readonly name: string;
  readonly url: string;
}

/** Options of a client. */
export interface N8NClientOptions {
  /** Regions; calls go to the first one that works. */
  readonly regions: readonly [N8NRegion, ...N8NRegion[]];
  readonly apiKey: string;
  /** Queue of the starts that no region has taken. */
  readonly queue: Queue<readonly unknown[]>;
  /** Called when a queued start has succeeded. */
  readonly onStarted: (start: WorkflowStart) => Promise<void>;
  readonly config?: CircuitBreakerConfig | undefined;
  readonly logger?: Logger | false | undefined;
}

/** Client of n8n. A start that fails goes to another region, then to the queue, and is simulated if there is no queue. */
export class N8NClient {
  /** Breakers of the regions, in their order. The first is that of the document. */
  readonly breakers: readonly Engine[];
  readonly #breaker: CircuitBreaker<
    FallbackStrategy<Execution> | N8NQueueFallbackStrategy | N8NSimulationFallbackStrategy<SimulatedExecution>
  >;
  readonly #slots = slotsOf('n8n');
  readonly #queued: N8NQueueFallbackStrategy;
  readonly #options: N8NClientOptions;

  constructor(options: N8NClientOptions) {
    const { regions, config, logger, queue, onStarted } = options;
    const [first, ...others] = regions;
    this.#options = options;
    const create = (name: string) => new CircuitBreaker(name, config, { logger, classify: classifyN8NError });
    const elsewhere = others.map((region) => ({ region, breaker: create(`n8n-${region.name}`) }));
    this.#queued = new N8NQueueFallbackStrategy({
      queue,
      ...CONSUMER,
      concurrency: 20,
      operation: async ([start], { signal }) => {
        await this.#post(first, start as WorkflowStart, signal);
        await onStarted(start as WorkflowStart);
      },
    });
    const regional = elsewhere.map(({ region, breaker }, index): FallbackStrategy<Execution> => ({
      name: `N8NRegion:${region.name}`,
      priority: (index + 1) / (elsewhere.length + 1),
      canHandle: isUntouched,
      execute: (_error, { args: [start], signal }) =>
        breaker.execute((context) => this.#post(region, start as WorkflowStart, context.signal), { signal }),
    }));
    const simulated = new N8NSimulationFallbackStrategy(({ args: [start] }): SimulatedExecution => {
      return { simulated: true, workflow: (start as WorkflowStart).workflow };
    });
    this.#breaker = new CircuitBreaker('n8n', config, {
      logger,
      classify: classifyN8NError,
      fallbackStrategies: [...regional, this.#queued, simulated],
    });
    this.breakers = [this.#breaker.engine, ...elsewhere.map(({ breaker }) => breaker.engine)];
  }

  /** Starts a workflow. Rejects with a `N8NClientError` if n8n refuses it. */
  async start(start: WorkflowStart, signal?: AbortSignal) {
    const [region] = this.#options.regions;
    const work = (context: { readonly signal: AbortSignal }) => this.#post(region, start, context.signal);
    return this.#slots.execute(() => this.#breaker.execute(work, { key: start.key, args: [start], signal }), {
      signal,
    });
  }

  /** Asks a region whether it works, beside its breaker. */
  async ping(index: number, signal: AbortSignal): Promise<void> {
    const response = await fetch(new URL('/healthz', this.#options.regions[index]?.url), { signal });
    await response.body?.cancel();
    throwErrorOf(response);
  }

  queueStats() {
    return this.#queued.getStats();
  }

  close(): Promise<void> {
    return this.#queued.close();
  }

  async #post(region: N8NRegion, { key, workflow, input }: WorkflowStart, signal: AbortSignal): Promise<Execution> {
    const response = await fetch(new URL(`/api/v1/workflows/${workflow}/run`, region.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        'x-n8n-api-key': this.#options.apiKey,
      },
      body: JSON.stringify(input),
      signal,
    });
    if (!response.ok) await response.body?.cancel();
    throwErrorOf(response);
    return (await response.json()) as Execution;
  }
}

function throwErrorOf(response: Response): void {
  const error = n8nErrorOf(response);
  if (error !== undefined) throw error;
}

/**
 * Whether a region has certainly not begun what it was asked for. A call that timed out or broke may have been done: the queue
 * then repeats it in the same region, where its key is known soonest.
 */
function isUntouched(error: unknown): boolean {
  if (error instanceof CircuitOpenError || error instanceof N8NRateLimitError) return true;
  if (error instanceof N8NServerError) return error.status === 503;
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } };
  return cause?.code === 'ECONNREFUSED';
}
