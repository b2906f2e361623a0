import type { Backend, BackendKind, Problem } from './backend.ts';
import { NO_BREAKER } from './codes.ts';

/** State word of a breaker whose engine has failed: closed, so that every call is admitted. */
export const FAIL_OPEN_WORD = 0;
/** State word of a disposed breaker. It never admits a call without the backend. */
export const DISPOSED_WORD = NO_BREAKER;

/** Backend used after the engine has failed or the breaker was disposed. Calls in flight still settle. */
export class FailOpenBackend implements Backend {
  readonly kind: BackendKind;
  readonly #word: number;

  constructor(kind: BackendKind, word: number) {
    this.kind = kind;
    this.#word = word;
  }

  create(): number {
    return 0;
  }
  restore(): number {
    return 0;
  }
  free(): void {}
  word(): number {
    return this.#word;
  }
  poll(): number {
    return this.#word;
  }
  admit(): number {
    return 0;
  }
  retryAfter(): number {
    return 0;
  }
  settle(): number {
    return this.#word;
  }
  settleOpenFor(): number {
    return this.#word;
  }
  isTimeout(): boolean {
    return false;
  }
  setOverride(): number {
    return 0;
  }
  release(): number {
    return this.#word;
  }
  reset(): number {
    return this.#word;
  }
  retune(): readonly Problem[] {
    return [];
  }
  reconfigure(): readonly Problem[] {
    return [];
  }
  open(): number {
    return this.#word;
  }
  openEarly(): number {
    return this.#word;
  }
  rules(_handle: number, out: Float64Array): void {
    out.fill(Number.NaN);
  }
  stats(_handle: number, _now: number, out: Float64Array): void {
    out.fill(Number.NaN);
  }
  explain(_handle: number, _now: number, out: Float64Array): void {
    out.fill(Number.NaN);
  }
  snapshot(): object {
    return {};
  }
}
