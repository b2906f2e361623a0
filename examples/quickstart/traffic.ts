// Traffic. Each request is sent twice at the same moment: through a breaker to one service, and without a breaker to its
// twin, which fails in the same way at the same time. So the time that a breaker saves is measured.

import { CircuitBreaker, CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { Dependency } from './script.ts';

/** How a call ended for its caller. */
export type Outcome = 'answered' | 'failed' | 'refused' | 'timed out' | 'rejected';

/** One call as its caller experienced it. Times in milliseconds, on the clock of `performance.now()`. */
export interface Call {
  outcome: Outcome;
  start: number;
  end: number;
  /** True if the call settled before the event loop went on to its next task: no network was waited for. */
  atOnce: boolean;
}

/** A call that the breaker admitted while half-open. */
interface Probe {
  generation: number;
  /** Time at which the breaker gives up on the probe, or earlier. */
  deadline: number;
}

/** The callers of one dependency. */
export class Client {
  readonly dependency: Dependency;
  readonly breaker: CircuitBreaker;
  readonly withBreaker: Call[] = [];
  readonly withoutBreaker: Call[] = [];
  /** Milliseconds of waiting that the breaker saved the callers. */
  saved = 0;
  /** Number of calls that the breaker admitted. */
  admitted = 0;
  /** Largest number of probes in flight before their deadlines. */
  mostProbes = 0;

  /** Probes whose requests are in flight. */
  readonly #probes = new Set<Probe>();
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

  /** The call as a program makes it. The rest of this file only measures. */
  #getThroughBreaker(): Promise<unknown> {
    const start = performance.now();
    return this.breaker.execute(({ signal }) => this.#watch(start, () => get(this.#url, signal)));
  }

  async #watch(start: number, call: () => Promise<unknown>): Promise<unknown> {
    this.admitted += 1;
    const { state, generation } = this.breaker.explain();
    if (state !== 'HALF_OPEN') return call();
    // Read before the breaker admitted the call, `start` gives a deadline that is never later than the breaker's own.
    const probe = { generation, deadline: start + this.dependency.timeout };
    this.#probes.add(probe);
    this.mostProbes = Math.max(this.mostProbes, this.#probesInFlight(generation));
    try {
      return await call();
    } finally {
      this.#probes.delete(probe);
    }
  }

  /**
   * Counts the probes that hold a slot of the breaker. A request may outlive its probe: the breaker counts a probe as
   * failed at its deadline, and forgets it when the circuit opens again, however long the machine takes to abort the request.
   */
  #probesInFlight(generation: number): number {
    const now = performance.now();
    return [...this.#probes].filter((probe) => probe.generation === generation && now < probe.deadline).length;
  }
}

async function get(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal });
  const body = await response.json();
  // fetch resolves for HTTP 500 too. A breaker counts errors, so the call throws one.
  if (!response.ok) throw new Error(`${url} answered HTTP ${response.status}`);
  return body;
}

/** Returns the milliseconds that the caller waited. */
export function waited({ start, end }: Call): number {
  return end - start;
}

async function measure(work: () => Promise<unknown>): Promise<Call> {
  const start = performance.now();
  let atOnce = true;
  const nextTask = setImmediate(() => {
    atOnce = false;
  });
  const outcome = await work().then((): Outcome => 'answered', outcomeOf);
  clearImmediate(nextTask);
  return { outcome, start, end: performance.now(), atOnce };
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof CircuitOpenError) return 'rejected';
  if (error instanceof CallTimeoutError) return 'timed out';
  // Without a breaker, the caller gets the errors of fetch.
  const { name, cause } = error as { name: string; cause?: { code?: string } };
  if (name === 'TimeoutError') return 'timed out';
  return cause?.code === 'ECONNREFUSED' ? 'refused' : 'failed';
}

/**
 * Sends requests at the rate of each dependency, without waiting for the earlier ones.
 * Returns a function that stops the traffic and waits for the last call to settle.
 */
export function startTraffic(clients: Client[]): () => Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const send = async (client: Client) => {
    const pair = client.send();
    inFlight.add(pair);
    await pair;
    inFlight.delete(pair);
  };
  const timers = clients.map((client) => setInterval(send, client.dependency.every, client));
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await Promise.all(inFlight);
  };
}
