import type { Backend, BackendKind, Problem } from './backend.ts';
import { NO_BREAKER } from './codes.ts';

/** The word of a breaker whose engine failed: closed, so that every call passes. */
export const FAIL_OPEN_WORD = 0;
/** The word of a breaker that was disposed: never the one that lets a call pass without asking. */
export const DISPOSED_WORD = NO_BREAKER;

/** A backend that decides nothing: it stands in where the engine is gone, so that the calls in flight still end. */
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
  setOverride(): number {
    return this.#word;
  }
  releaseForcedOpen(): number {
    return this.#word;
  }
  reset(): number {
    return this.#word;
  }
  retune(): readonly Problem[] {
    return [];
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
