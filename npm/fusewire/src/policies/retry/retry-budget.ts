import { defaultClock } from '../../time/clock.ts';
import { BUDGET_STATS, BUDGET_STATS_LENGTH, POLICY } from '../../engine/codes.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { partOf } from '../policy-handle.ts';
import type { Part } from '../policy-handle.ts';
import type { OptionsReader } from '../../options/options-reader.ts';

/** How many attempts may be added to calls. */
export interface RetryBudgetOptions {
  /** Names the budget in errors. Default `'retryBudget'`. */
  readonly name?: string | undefined;
  /** Attempts that may be added, as a share of the calls in the window: 0 to 1. Default 0.2. */
  readonly share?: number | undefined;
  /** Attempts a second that may be added on top of that, so that few calls can be repeated too. Default 3. */
  readonly minimumPerSecond?: number | undefined;
  /** How far back calls and added attempts count, in milliseconds. Default 10 000. */
  readonly window?: number | undefined;
}

/** What a budget has counted. */
export interface RetryBudgetStats {
  readonly name: string;
  /** Calls in the window. */
  readonly calls: number;
  /** Attempts in the window that were added to them. */
  readonly added: number;
  /** Attempts that could be added now. */
  readonly balance: number;
  /** Attempts that were ever added. */
  readonly totalGranted: number;
  /** Attempts that were ever refused. */
  readonly totalRefused: number;
}

const row = new Float64Array(BUDGET_STATS_LENGTH);

/**
 * What retries and hedges are paid from, so that they cannot multiply the load of a dependency that fails. Any number of
 * policies may share one. After the `RetryBudget` of Finagle; see `crates/attempts-core/src/budget.rs`.
 */
export class RetryBudget {
  /** The name in errors. */
  readonly name: string;
  readonly #part: Part;

  /** @internal */
  constructor(name: string, part: Part) {
    this.name = name;
    this.#part = part;
  }

  /** Everything that is counted, as of now. */
  getStats(): RetryBudgetStats {
    this.#part.read(row);
    const at = (name: keyof typeof BUDGET_STATS) => row[BUDGET_STATS[name]] as number;
    return {
      name: this.name,
      calls: at('calls'),
      added: at('added'),
      balance: at('balance'),
      totalGranted: at('granted'),
      totalRefused: at('refused'),
    };
  }

  /** A call has begun. @internal */
  deposit(): void {
    this.#part.engine.deposit(this.#part.handle, defaultClock());
  }

  /** Whether one more attempt may be made, which then is spent. @internal */
  withdraw(): boolean {
    return this.#part.engine.withdraw(this.#part.handle, defaultClock()) !== 0;
  }
}

/**
 * Makes a budget for policies to share: those of all calls to one dependency.
 *
 * ```ts
 * const budget = retryBudget({ share: 0.1 });
 * const reads = pipeline([retry({ budget }), breaker]);
 * const writes = pipeline([retry({ budget, attempts: 2 }), breaker]);
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const reader = readPolicyOptions('retryBudget', options);
  const part = partOf(reader, POLICY.BUDGET);
  return new RetryBudget(reader.finish(), part);
}

/** The option `budget` of a policy. */
export function budgetOf(reader: OptionsReader): RetryBudget | undefined {
  const budget = reader.value('budget');
  if (budget === undefined || budget instanceof RetryBudget) return budget;
  reader.report('budget', 'type', 'a budget made by retryBudget of this copy of fusewire');
  return undefined;
}
