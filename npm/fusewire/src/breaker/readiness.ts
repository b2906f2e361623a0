import { requestTimers } from '../time/request-timers.ts';
import { BreakerDisposedError } from '../errors/breaker-disposed-error.ts';
import { ASK_MASK, effectiveState } from '../engine/state-word.ts';
import { SignalSource } from '../run/abort-signals.ts';
import type { AbortListener } from '../run/abort-signals.ts';
import { defaultClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import type { TimeSource } from '../time/time-source.ts';
import { sleepScheduler } from '../time/sleep-scheduler.ts';
import type { SleepScheduler, SleepTimer } from '../time/sleep-scheduler.ts';
import { LONGEST_TIMER } from '../time/timer.ts';

/** Circuit that callers wait for. */
export interface AwaitedCircuit {
  readonly name: string;
  readonly shared: boolean;
  readonly isDisposed: boolean;
  readonly enabled: boolean;
  readonly clock: Clock;
  readonly time: TimeSource;
  /** Makes every transition that is due, and returns the state word. */
  poll(): number;
  /** Returns the milliseconds until a call may be admitted. */
  waitFor(now: number): number;
}

/** Milliseconds between two releases while the circuit admits only some calls. */
const PACE = 20;
/** Milliseconds between two looks at a circuit that other threads may change. */
const SHARED_RECHECK = 100;

/**
 * Callers that wait until a circuit may admit a call, in the order of their arrival. A closed circuit releases all of them.
 * Any other circuit releases one at a time, and the next one after `PACE` milliseconds at the earliest: by then the one before
 * has made its call, and the engine knows whether a probe is left.
 */
export class Readiness implements SleepTimer {
  deadline = 0;
  heapIndex = 0;
  readonly #circuit: AwaitedCircuit;
  readonly #timers: SleepScheduler;
  /** Clock that the timers follow. */
  readonly #timerClock: Clock;
  readonly #waiting = new Set<Waiter>();
  #isAsleep = false;
  #isCheckQueued = false;
  #nextRelease = Number.NEGATIVE_INFINITY;

  constructor(circuit: AwaitedCircuit) {
    this.#circuit = circuit;
    this.#timers = circuit.time.sleepScheduler;
    this.#timerClock = this.#timers === sleepScheduler ? defaultClock : circuit.clock;
  }

  /** Returns a promise that resolves when a call may be admitted. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(this, resolve, reject, signal && SignalSource.of(signal));
      this.#waiting.add(waiter);
      waiter.start();
      this.#check();
    });
  }

  /** Looks at the circuit in the next microtask, because something about it has changed. */
  changed(): void {
    if (this.#waiting.size === 0 || this.#isCheckQueued) return;
    this.#isCheckQueued = true;
    queueMicrotask(() => {
      this.#isCheckQueued = false;
      this.#check();
    });
  }

  /** Looks at the circuit now, for a request whose timers are not those of this one. */
  readonly recheck = (): void => this.#check();

  expire(): void {
    this.#wake();
    this.#check();
  }

  /** Removes a waiter that was aborted. */
  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) this.#wake();
  }

  #check(): void {
    const circuit = this.#circuit;
    if (this.#waiting.size === 0) return;
    if (circuit.isDisposed) return this.#rejectAll();
    if (!circuit.enabled) return this.#releaseAll();
    const word = circuit.poll();
    const wait = (word & ASK_MASK) === 0 ? 0 : circuit.waitFor(circuit.clock());
    // A listener of the transition may have disposed of the breaker or aborted a waiter.
    if (circuit.isDisposed) return this.#rejectAll();
    const isClosed = effectiveState(word) === 'CLOSED';
    // A failed engine admits every call.
    if (Number.isNaN(wait) || (isClosed && wait === 0)) return this.#releaseAll();
    // A circuit that lets traffic back in admits a share of the calls.
    if (isClosed || wait === 0) this.#releaseNext();
    else this.#sleep(wait);
  }

  #releaseNext(): void {
    const now = this.#timerClock();
    if (!(now < this.#nextRelease)) {
      this.#nextRelease = now + PACE;
      for (const waiter of this.#waiting) {
        this.#waiting.delete(waiter);
        waiter.release();
        break;
      }
    }
    const rest = this.#nextRelease - now;
    this.#sleep(rest > 0 ? rest : PACE);
  }

  #releaseAll(): void {
    for (const waiter of this.#waiting) waiter.release();
    this.#clear();
  }

  #rejectAll(): void {
    for (const waiter of this.#waiting) waiter.abort(new BreakerDisposedError(this.#circuit.name));
    this.#clear();
  }

  #clear(): void {
    this.#waiting.clear();
    this.#wake();
  }

  /** Sets the timer of the next look. While the circuit is held open there is none, unless other threads may release it. */
  #sleep(duration: number): void {
    this.#wake();
    if (this.#waiting.size === 0) return;
    const limit = this.#circuit.shared ? SHARED_RECHECK : LONGEST_TIMER;
    if (duration === Number.POSITIVE_INFINITY && !this.#circuit.shared) return;
    this.#isAsleep = true;
    this.#timers.add(this, Math.min(Math.max(1, duration), limit));
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#timers.remove(this);
  }
}

/** Caller that waits. */
class Waiter implements AbortListener {
  readonly #readiness: Readiness;
  #resolve: () => void;
  #reject: (reason: unknown) => void;
  readonly #source: SignalSource | undefined;

  constructor(
    readiness: Readiness,
    resolve: () => void,
    reject: (reason: unknown) => void,
    source: SignalSource | undefined,
  ) {
    this.#readiness = readiness;
    this.#source = source;
    this.#reject = reject;
    this.#resolve = resolve;
    if (requestTimers === undefined) return;
    const released = new Promise<void>((settle) => {
      this.#resolve = () => (resolve(), settle());
      this.#reject = (reason) => (reject(reason), settle());
    });
    requestTimers.keepAlive(released, readiness.recheck);
  }

  start(): void {
    this.#source?.subscribe(this);
  }

  release(): void {
    this.#source?.unsubscribe(this);
    this.#resolve();
  }

  abort(reason: unknown): void {
    this.#source?.unsubscribe(this);
    this.#readiness.leave(this);
    this.#reject(reason);
  }

  timeoutCause(): unknown {
    return undefined;
  }
}
