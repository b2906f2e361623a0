import type { EventEmitter } from 'node:events';
import process from 'node:process';
import type { BreakerEvents } from './events.ts';

/** Tells what a breaker does. What goes wrong in those who are told cannot fail a call. */
export class Voice {
  readonly #emitter: EventEmitter;
  readonly #name: string;
  /** What failed and was reported. */
  readonly #faults = new Set<string>();

  /** @param name that of the breaker. */
  constructor(emitter: EventEmitter, name: string) {
    this.#emitter = emitter;
    this.#name = name;
  }

  tell<Name extends keyof BreakerEvents>(event: Name, ...args: BreakerEvents[Name]): void {
    try {
      this.#emitter.emit(event, ...args);
    } catch (error) {
      this.#report(`a listener of '${event}'`, error);
    }
  }

  /** What `act` returns; undefined where it throws. */
  guard<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#report(what, error);
      return undefined;
    }
  }

  /** Warns of what failed, the first time that it does. */
  #report(what: string, error: unknown): void {
    if (this.#faults.has(what)) return;
    this.#faults.add(what);
    process.emitWarning(`Circuit breaker ${this.#name}: ${what} failed: ${String(error)}`, 'FusewireWarning');
  }
}
