import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BreakerRegistry, bulkhead } from 'fusewire';
import type { Bulkhead } from 'fusewire';

/** Header of the operator whom the management API of the program lets in. */
export const OPERATOR = 'Bearer operator';

/** Numbers of a contract program, for the tests. */
export interface ContractReport {
  /** Functions that run now. */
  readonly running: number;
  /** Functions whose signal has aborted. */
  readonly aborted: number;
  /** Failures that the breaker of the aborted calls has counted. */
  readonly failures: number;
  /** Signals that the garbage collector has not found. */
  readonly signals: number;
  /** Timers of Node that keep the process alive, those of the framework included. */
  readonly timers: number;
  /** Warnings of the process, such as those of too many listeners. */
  readonly warnings: readonly string[];
}

/** Program that a framework serves in the contract suite. */
export interface ContractProgram {
  readonly registry: BreakerRegistry;
  /** Options of the management API, besides `basePath`. */
  readonly management: {
    readonly registry: BreakerRegistry;
    readonly authorize: (asked: { readonly request: Request }) => { readonly who: string } | null;
    readonly readsPerMinute: false;
    readonly logger: { error(): void };
  };
  /** Makes a call of one kind with the signal of the request. Rejects as the call does. */
  work(kind: string, signal?: AbortSignal): Promise<unknown>;
  /** Resolves with the numbers, after a collection of garbage. */
  report(): Promise<ContractReport>;
}

/** Returns a new program. Create it once in each process that serves requests. */
export function contractProgram(): ContractProgram {
  const registry = new BreakerRegistry();
  const calls = new Calls(registry);
  return {
    registry,
    management: {
      registry,
      authorize: ({ request }) => (request.headers.get('authorization') === OPERATOR ? { who: 'operator' } : null),
      readsPerMinute: false,
      logger: { error: () => undefined },
    },
    work: (kind, signal) => calls.make(kind, signal),
    report: () => calls.report(),
  };
}

type Work = (context: { readonly signal: AbortSignal }) => Promise<unknown>;

class Calls {
  readonly #registry: BreakerRegistry;
  readonly #full: Bulkhead = bulkhead({ name: 'full', limit: 1 });
  #signals: WeakRef<AbortSignal>[] = [];
  #running = 0;
  #aborted = 0;
  #release: (() => void) | undefined;

  constructor(registry: BreakerRegistry) {
    this.#registry = registry;
    registry.create('healthy', { failureThreshold: 3 });
    registry.create('down', { failureThreshold: 1, resetTimeout: 30_000 });
    registry.create('held').forceOpen();
    registry.create('slow', { timeout: 20, failureThreshold: 1_000_000 });
    this.#full.execute(() => new Promise(() => undefined)).catch(() => undefined);
    listenForWarnings();
  }

  async make(kind: string, signal: AbortSignal | undefined): Promise<unknown> {
    if (signal !== undefined) this.#signals.push(new WeakRef(signal));
    switch (kind) {
      case 'ok':
        return this.#through('healthy', async () => ({ ok: true }), signal);
      case 'down':
        await this.#through('down', () => Promise.reject(new Error('password=hunter2')), undefined).catch(
          () => undefined,
        );
        return this.#through('down', async () => ({ ok: true }), signal);
      case 'held':
      case 'slow':
        return this.#through(kind, (context) => hanging(context.signal), signal);
      case 'full':
        return this.#full.execute(async () => ({ ok: true }));
      case 'hang':
        return this.#through('healthy', (context) => this.#counted(() => hanging(context.signal)), signal);
      case 'wait':
        return this.#through('healthy', () => this.#counted(() => this.#released()), signal);
      case 'release':
        // Later, when the shutdown of the test has begun.
        setTimeout(() => this.#release?.(), 500);
        return { ok: true };
      default:
        throw new Error('password=hunter2');
    }
  }

  async report(): Promise<ContractReport> {
    for (let round = 0; round < 3; round++) {
      collectGarbage();
      await setImmediate();
    }
    this.#signals = this.#signals.filter((reference) => reference.deref() !== undefined);
    return {
      running: this.#running,
      aborted: this.#aborted,
      failures: this.#registry.get('healthy')?.getStats().totalFailures ?? 0,
      signals: this.#signals.length,
      timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
      warnings: [...warnings],
    };
  }

  #through(name: string, work: Work, signal: AbortSignal | undefined): Promise<unknown> {
    const breaker = this.#registry.for(name);
    return signal === undefined ? breaker.execute(work) : breaker.execute(work, { signal });
  }

  /** Resolves when a later call of the kind `release` says so. */
  #released(): Promise<unknown> {
    return new Promise((resolve) => (this.#release = () => resolve({ ok: true })));
  }

  async #counted(work: () => Promise<unknown>): Promise<unknown> {
    this.#running++;
    try {
      return await work();
    } catch (error) {
      this.#aborted++;
      throw error;
    } finally {
      this.#running--;
    }
  }
}

const warnings: string[] = [];
let isListening = false;

/** Keeps the warnings of this process from now on. */
function listenForWarnings(): void {
  if (!isListening) process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
  isListening = true;
}

/** Returns a promise that rejects when a signal aborts. */
function hanging(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
