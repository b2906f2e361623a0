// The callers. Each request is sent twice at the same moment: through a breaker to one service, and without a breaker
// to its twin, which fails in the same way at the same time. What the breaker saves is therefore measured.

import { CircuitBreaker, isCallTimeoutError, isCircuitOpenError } from 'fusewire';
import type { Dependency } from './script.ts';

export type Outcome = 'answered' | 'failed' | 'refused' | 'timed out' | 'rejected';

/** One call as its caller saw it. Times in milliseconds, on the clock of performance.now. */
export interface Call {
  outcome: Outcome;
  start: number;
  end: number;
}

/** The callers of one dependency. */
export class Client {
  readonly dependency: Dependency;
  readonly breaker: CircuitBreaker;
  readonly withBreaker: Call[] = [];
  readonly withoutBreaker: Call[] = [];
  /** Milliseconds that callers did not have to wait, thanks to the breaker. */
  saved = 0;
  /** Calls that the breaker let through. */
  admitted = 0;
  mostProbes = 0;

  /** Calls under way that were let through while half-open, by the breaker's generation. */
  readonly #probes = new Map<number, number>();
  readonly #url: string;
  readonly #twinUrl: string;

  constructor(dependency: Dependency, backend: 'wasm' | 'native', serviceUrl: string, twinUrl: string) {
    const { name, timeout, breaker } = dependency;
    this.dependency = dependency;
    this.breaker = new CircuitBreaker({ name, timeout, backend, ...breaker });
    this.#url = `${serviceUrl}/${name}`;
    this.#twinUrl = `${twinUrl}/${name}`;
  }

  get name(): string {
    return this.dependency.name;
  }

  async send(): Promise<void> {
    const [without, through] = await Promise.all([
      measure(() => get(this.#twinUrl, AbortSignal.timeout(this.dependency.timeout))),
      measure(() => this.#getThroughBreaker()),
    ]);
    this.withoutBreaker.push(without);
    this.withBreaker.push(through);
    this.saved += waited(without) - waited(through);
  }

  /** All that a program has to do. The rest of this file only measures. */
  #getThroughBreaker(): Promise<unknown> {
    return this.breaker.execute(({ signal }) => this.#watch(() => get(this.#url, signal)));
  }

  async #watch(call: () => Promise<unknown>): Promise<unknown> {
    this.admitted += 1;
    const { state, generation } = this.breaker.explain();
    if (state !== 'HALF_OPEN') return call();
    // Once the circuit has opened again, a probe that still runs is no longer one: hence a count for each generation.
    const probes = (this.#probes.get(generation) ?? 0) + 1;
    this.#probes.set(generation, probes);
    this.mostProbes = Math.max(this.mostProbes, probes);
    try {
      return await call();
    } finally {
      this.#probes.set(generation, (this.#probes.get(generation) ?? 0) - 1);
    }
  }
}

async function get(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal });
  const body = await response.json();
  // To fetch, HTTP 500 is an answer like any other. To us it is a failure, and the breaker counts what throws.
  if (!response.ok) throw new Error(`${url} answered HTTP ${response.status}`);
  return body;
}

export function waited({ start, end }: Call): number {
  return end - start;
}

async function measure(work: () => Promise<unknown>): Promise<Call> {
  const start = performance.now();
  const outcome = await work().then((): Outcome => 'answered', outcomeOf);
  return { outcome, start, end: performance.now() };
}

function outcomeOf(error: unknown): Outcome {
  if (isCircuitOpenError(error)) return 'rejected';
  if (isCallTimeoutError(error)) return 'timed out';
  // Without a breaker, the failures of fetch speak for themselves.
  const { name, cause } = error as { name: string; cause?: { code?: string } };
  if (name === 'TimeoutError') return 'timed out';
  return cause?.code === 'ECONNREFUSED' ? 'refused' : 'failed';
}

/**
 * Sends requests at the pace of each dependency, whether the earlier ones were answered or not.
 * Returns a function that stops it and waits for the last answer.
 */
export function startTraffic(clients: Client[]): () => Promise<void> {
  const underway = new Set<Promise<void>>();
  const send = async (client: Client) => {
    const pair = client.send();
    underway.add(pair);
    await pair;
    underway.delete(pair);
  };
  const timers = clients.map((client) => setInterval(send, client.dependency.every, client));
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await Promise.all(underway);
  };
}
