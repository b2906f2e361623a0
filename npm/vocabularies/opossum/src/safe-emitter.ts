import type { EventEmitter } from 'node:events';
import process from 'node:process';
import type { BreakerEvents } from './events.ts';

/** Emits the events of a breaker, and calls functions of the user. An error that these throw cannot fail a call. */
export class SafeEmitter {
  readonly #emitter: EventEmitter;
  readonly #name: string;
  /** Names of the functions of which an error was reported. */
  readonly #reported = new Set<string>();

  /** @param name of the breaker, for warnings. */
  constructor(emitter: EventEmitter, name: string) {
    this.#emitter = emitter;
    this.#name = name;
  }

  /** Emits an event. */
  emit<Name extends keyof BreakerEvents>(event: Name, ...args: BreakerEvents[Name]): void {
    try {
      this.#emitter.emit(event, ...args);
    } catch (error) {
      this.#report(`a listener of '${event}'`, error);
    }
  }

  /** Returns the result of a function of the user, or undefined if the function throws. */
  guard<T>(what: string, call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      this.#report(what, error);
      return undefined;
    }
  }

  /** Emits a process warning for the first error of each function. */
  #report(what: string, error: unknown): void {
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    process.emitWarning(`Circuit breaker ${this.#name}: ${what} failed: ${String(error)}`, 'FusewireWarning');
  }
}
