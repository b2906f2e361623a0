import type { ServiceProcess } from '../../examples/quickstart/service-process.ts';
import { equal, prefixed } from './checks.ts';
import type { Check } from './checks.ts';

// State of a request. The first two bits are set by its sender, the third one if the service reports the request.
const UNKNOWN = 0;
const ANSWERED = 1;
const NOT_SENT = 2;
const SEEN = 4;

/** Error for a response with a failed status. */
export class StatusError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor({ status, headers }: Response) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

/** Client of one service, which compares the requests that it has sent with those that the service has seen. */
export class TrackedService {
  readonly service: ServiceProcess;
  readonly #name: string;
  /** State of each request by number. */
  readonly #states: Uint8Array;
  #sent = 0;
  /** Number of requests that the service has seen, but that were never sent, or seen twice. */
  #unexpected = 0;

  /** @param capacity largest number of requests. The memory for their states is allocated in advance. */
  constructor(name: string, service: ServiceProcess, capacity: number) {
    this.#name = name;
    this.service = service;
    this.#states = new Uint8Array(capacity);
  }

  /** Number of requests so far. */
  get requests(): number {
    return this.#sent;
  }

  async get(signal: AbortSignal): Promise<number> {
    const call = this.#sent++;
    if (call >= this.#states.length) throw new RangeError(`there are more than ${this.#states.length} requests`);
    if (signal.aborted) this.#states[call] = NOT_SENT;
    signal.throwIfAborted();
    const response = await fetch(`${this.service.url}/${this.#name}?call=${call}`, { signal }).catch(
      (error: unknown) => {
        this.#mark(call, isRefused(error) ? NOT_SENT : UNKNOWN);
        throw error;
      },
    );
    this.#mark(call, ANSWERED);
    const body = (await response.json()) as { readonly answer: number };
    if (!response.ok) throw new StatusError(response);
    return body.answer;
  }

  /** Reads which requests the service has reported as seen. */
  readSeenCalls(): void {
    for (const call of this.service.takeCalls()) {
      const state = this.#states[call];
      if (state === undefined || call >= this.#sent || (state & SEEN) !== 0) this.#unexpected++;
      else this.#mark(call, SEEN);
    }
  }

  /** Returns the checks. Call it while no request is in flight and the service has reported every request. */
  checks(): Check[] {
    this.readSeenCalls();
    const counts = new Array<number>(8).fill(0);
    for (let call = 0; call < this.#sent; call++) counts[this.#states[call] as number]!++;
    const countOf = (state: number) => counts[state] as number;
    const seen = countOf(ANSWERED | SEEN) + countOf(UNKNOWN | SEEN) + countOf(NOT_SENT | SEEN);
    return prefixed(`service ${this.#name}`, [
      equal('requests seen that were never sent, or seen twice', this.#unexpected, 0),
      equal('requests answered that the service has not seen', countOf(ANSWERED), 0),
      equal('requests refused or not sent that the service has seen', countOf(NOT_SENT | SEEN), 0),
      equal('requests that the service has counted', this.service.seen, seen),
    ]);
  }

  #mark(call: number, state: number): void {
    this.#states[call]! |= state;
  }
}

function isRefused(error: unknown): boolean {
  return (error as { readonly cause?: { readonly code?: unknown } }).cause?.code === 'ECONNREFUSED';
}
