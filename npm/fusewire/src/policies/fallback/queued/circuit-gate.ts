import type { CircuitBreaker } from '../../../breaker/circuit-breaker.ts';
import { setIdleTimer } from '../../../queue/timers.ts';

/** Effects of a gate on the consumer behind it. */
interface GateHooks {
  /** Starts no further operation. */
  close(): void;
  /** Starts operations again, with one at a time at first. */
  open(): void;
}

/** Checks in a row that find the circuit half-open, without live calls that close or open it, until operations probe it. */
const HALF_OPEN_CHECKS = 3;

/**
 * Gate of a consumer: open while the circuit of a breaker is closed. A circuit that stays half-open because there are no live
 * calls lets operations through, one at a time: the breaker admits them as probes, and their successes close it.
 */
export class CircuitGate {
  readonly #breaker: CircuitBreaker;
  readonly #hooks: GateHooks;
  readonly #interval: number;
  readonly #unsubscribe: (() => void)[];
  #isOpen = true;
  #halfOpenChecks = 0;
  #removeTimer: (() => void) | undefined;

  /** @param interval milliseconds between two checks of an open circuit. */
  constructor(breaker: CircuitBreaker, interval: number, hooks: GateHooks) {
    this.#breaker = breaker;
    this.#hooks = hooks;
    this.#interval = interval;
    this.#unsubscribe = [
      breaker.on('open', ({ shadow }) => shadow || this.#close()),
      breaker.on('close', ({ shadow }) => shadow || this.#open()),
    ];
    if (!this.isCircuitClosed) this.#close();
  }

  /** Whether operations are admitted. A disposed breaker admits none. */
  get isCircuitClosed(): boolean {
    return !this.#breaker.disposed && this.#breaker.state === 'CLOSED';
  }

  /** Closes the gate if the circuit does not admit operations, although no event has said so. */
  check(): void {
    if (!this.isCircuitClosed) this.#close();
  }

  end(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#removeTimer?.();
  }

  #close(): void {
    this.#halfOpenChecks = 0;
    if (this.#isOpen) this.#hooks.close();
    this.#isOpen = false;
    this.#checkLater();
  }

  #open(): void {
    this.#removeTimer?.();
    if (!this.#isOpen) this.#hooks.open();
    this.#isOpen = true;
  }

  /** Events tell of no change while nobody calls the breaker. */
  #checkLater(): void {
    this.#removeTimer?.();
    if (this.#breaker.disposed) return;
    this.#removeTimer = setIdleTimer(() => {
      if (this.#breaker.disposed) return;
      const { state } = this.#breaker;
      this.#halfOpenChecks = state === 'HALF_OPEN' ? this.#halfOpenChecks + 1 : 0;
      if (state === 'CLOSED' || this.#halfOpenChecks >= HALF_OPEN_CHECKS) this.#open();
      else this.#checkLater();
    }, this.#interval);
  }
}
