import type { CircuitBreaker } from 'fusewire';
import { onAbort } from './abort-listening.ts';

/** Events after which a half-open circuit may admit another call. */
const EVENTS = ['success', 'failure', 'ignore', 'stateChange', 'reset'] as const;

/** Calls that wait for a half-open circuit to admit them, in the order of their arrival. */
export class Admissions {
  readonly #breaker: CircuitBreaker;
  readonly #waiting = new Set<() => void>();
  #stopListening: readonly (() => void)[] = [];

  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker;
  }

  /**
   * Resolves when the circuit may admit another call: after the end of a call, or after `wait` milliseconds. Rejects when the
   * signal aborts.
   */
  next(wait: number, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void) => {
        clearTimeout(timer);
        stop?.();
        this.#waiting.delete(wake);
        if (this.#waiting.size === 0) this.#stop();
        settled();
      };
      const wake = () => settle(resolve);
      const timer = setTimeout(wake, wait);
      this.#waiting.add(wake);
      if (this.#stopListening.length === 0) this.#listen();
      const stop = signal == null ? undefined : onAbort(signal, (reason) => settle(() => reject(reason as Error)));
    });
  }

  /** Wakes the first call that waits if the circuit is half-open, and all of them after another change of its state. */
  #wake(isChange: boolean): void {
    const isHalfOpen = !this.#breaker.disposed && this.#breaker.state === 'HALF_OPEN';
    if (!isHalfOpen && !isChange) return;
    for (const wake of [...this.#waiting]) {
      wake();
      if (isHalfOpen) return;
    }
  }

  #listen(): void {
    this.#stopListening = EVENTS.map((event) => {
      const isChange = event === 'stateChange' || event === 'reset';
      return this.#breaker.on(event, () => this.#wake(isChange));
    });
  }

  #stop(): void {
    for (const stop of this.#stopListening) stop();
    this.#stopListening = [];
  }
}
