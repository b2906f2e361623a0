/** Requests to one service: what their senders know of each, held against what the service has seen. */
import type { ServiceProcess } from '../../examples/quickstart/service-process.ts';
import { sum } from './sums.ts';
import type { Sum } from './sums.ts';

/** What its sender knows of a request, in two bits. The third is whether the service has seen it. */
const UNKNOWN = 0;
const ANSWERED = 1;
const NOT_SENT = 2;
const SEEN = 4;

/** A service that answers with an error. */
export class StatusError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor({ status, headers }: Response) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

export class Requests {
  readonly service: ServiceProcess;
  readonly #name: string;
  readonly #fates: Uint8Array;
  #sent = 0;
  /** Requests that the service has seen which nobody sent, or twice. */
  #strange = 0;

  /** @param most how many there will be, so that the memory for them is there from the beginning. */
  constructor(name: string, service: ServiceProcess, most: number) {
    this.#name = name;
    this.service = service;
    this.#fates = new Uint8Array(most);
  }

  /** Requests that were made. */
  get made(): number {
    return this.#sent;
  }

  async get(signal: AbortSignal): Promise<number> {
    const call = this.#sent++;
    if (call >= this.#fates.length) throw new RangeError('there are more requests than there is room for');
    if (signal.aborted) this.#fates[call] = NOT_SENT;
    signal.throwIfAborted();
    const response = await fetch(`${this.service.url}/${this.#name}?call=${call}`, { signal }).catch(
      (error: unknown) => {
        this.#note(call, isRefused(error) ? NOT_SENT : UNKNOWN);
        throw error;
      },
    );
    this.#note(call, ANSWERED);
    const body = (await response.json()) as { readonly answer: number };
    if (!response.ok) throw new StatusError(response);
    return body.answer;
  }

  /** Takes over what the service has told. */
  look(): void {
    for (const call of this.service.takeCalls()) {
      const fate = this.#fates[call];
      if (fate === undefined || call >= this.#sent || (fate & SEEN) !== 0) this.#strange++;
      else this.#note(call, SEEN);
    }
  }

  /** For a moment when no request is under way, and the service has told everything. */
  sums(): Sum[] {
    this.look();
    const counts = new Array<number>(8).fill(0);
    for (let call = 0; call < this.#sent; call++) counts[this.#fates[call] as number]!++;
    const of = (fate: number) => counts[fate] as number;
    const seen = of(ANSWERED | SEEN) + of(UNKNOWN | SEEN) + of(NOT_SENT | SEEN);
    const sums = [
      sum('requests seen that nobody sent, or twice', this.#strange, 0),
      sum('requests answered that the service did not see', of(ANSWERED), 0),
      sum('requests refused or not sent that the service saw', of(NOT_SENT | SEEN), 0),
      sum('requests that the service has counted', this.service.seen, seen),
    ];
    return sums.map(({ what, ...counted }) => ({ what: `service ${this.#name}: ${what}`, ...counted }));
  }

  #note(call: number, fate: number): void {
    this.#fates[call]! |= fate;
  }
}

function isRefused(error: unknown): boolean {
  return (error as { readonly cause?: { readonly code?: unknown } }).cause?.code === 'ECONNREFUSED';
}
