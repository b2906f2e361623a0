import type { ClockOptions } from '../../time/clock.ts';
import { BUDGET_STATS, BUDGET_STATS_LENGTH, POLICY } from '../../engine/codes.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import type { OptionsReader } from '../../options/options-reader.ts';

/** Options of {@link retryBudget}. */
export interface RetryBudgetOptions extends ClockOptions {
  /** Name of the budget in errors. Default `'retryBudget'`. */
  readonly name?: string | undefined;
  /** Extra attempts that are allowed, as a share of the calls in the window: 0 to 1. Default 0.2. */
  readonly share?: number | undefined;
  /** Extra attempts per second that are allowed on top, so that retries work at low traffic. Default 3. */
  readonly minimumPerSecond?: number | undefined;
  /** Length of the window, in milliseconds. Default 10 000. */
  readonly window?: number | undefined;
}

/** Stats of a budget. */
export interface RetryBudgetStats {
  readonly name: string;
  /** Calls in the window. */
  readonly calls: number;
  /** Extra attempts in the window. */
  readonly added: number;
  /** Extra attempts that are allowed now. */
  readonly balance: number;
  /** All extra attempts that were allowed. */
  readonly totalGranted: number;
  /** All extra attempts that were not allowed. */
  readonly totalRefused: number;
}

const row = new Float64Array(BUDGET_STATS_LENGTH);

/**
 * Budget for the extra attempts of retries and hedges, so that they cannot multiply the load of a failing dependency.
 * Any number of policies may share one. After the `RetryBudget` of Finagle; see `crates/attempts-core/src/budget.rs`.
 */
export class RetryBudget {
  /** Name of the budget in errors. */
  readonly name: string;
  readonly #handle: PolicyHandle;

  /** @internal */
  constructor(name: string, handle: PolicyHandle) {
    this.name = name;
    this.#handle = handle;
  }

  /** Returns the current stats. */
  getStats(): RetryBudgetStats {
    this.#handle.readStats(row);
    const stat = (name: keyof typeof BUDGET_STATS) => row[BUDGET_STATS[name]] as number;
    return {
      name: this.name,
      calls: stat('calls'),
      added: stat('added'),
      balance: stat('balance'),
      totalGranted: stat('granted'),
      totalRefused: stat('refused'),
    };
  }

  /** Counts a call. @internal */
  deposit(): void {
    this.#handle.engine.deposit(this.#handle.id, this.#handle.now());
  }

  /** Whether one more attempt is allowed. If so, it is withdrawn from the balance. @internal */
  withdraw(): boolean {
    return this.#handle.engine.withdraw(this.#handle.id, this.#handle.now()) !== 0;
  }
}

/**
 * Creates a budget for policies to share: those of all calls to one dependency.
 *
 * ```ts
 * const budget = retryBudget({ share: 0.1 });
 * const reads = pipeline([retry({ budget }), breaker]);
 * const writes = pipeline([retry({ budget, attempts: 2 }), breaker]);
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const reader = readPolicyOptions('retryBudget', options);
  const handle = createPolicyHandle(reader, POLICY.BUDGET);
  return new RetryBudget(reader.finish(), handle);
}

/** Reads the option `budget` of a policy. */
export function readBudget(reader: OptionsReader): RetryBudget | undefined {
  const budget = reader.value('budget');
  if (budget === undefined || budget instanceof RetryBudget) return budget;
  reader.report('budget', 'type', 'a budget made by retryBudget of this copy of fusewire');
  return undefined;
}
