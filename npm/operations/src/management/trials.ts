import { OptionsError } from 'fusewire';
import type { CircuitBreaker, CircuitState, ShadowUpdate, UpdateOptions } from 'fusewire';
import { RequestProblem } from './problem.ts';

/** Update of options that a breaker tries in shadow. */
export interface TrialView {
  /** State in which the breaker would be with the new options. */
  readonly state: CircuitState;
  readonly options: Readonly<Record<string, unknown>>;
  readonly holder: string;
  readonly reason: string;
  /** In ISO 8601. */
  readonly since: string;
}

interface Trial {
  readonly update: ShadowUpdate;
  readonly view: Omit<TrialView, 'state'>;
}

/** Updates that were proposed through the management API, one for each breaker. */
export class Trials {
  readonly #trials = new WeakMap<CircuitBreaker, Trial>();

  /** Lets a breaker try new options in shadow, in place of those that it tries now. */
  start(
    breaker: CircuitBreaker,
    options: Readonly<Record<string, unknown>>,
    holder: string,
    reason: string,
  ): TrialView {
    const update = updated(() => breaker.update(options as UpdateOptions, { shadow: true }));
    this.#trials.set(breaker, { update, view: { options, holder, reason, since: new Date().toISOString() } });
    return this.view(breaker) as TrialView;
  }

  /** Ends the trial of a breaker, and applies its options or drops them. Returns the options. */
  end(breaker: CircuitBreaker, how: 'apply' | 'cancel'): Readonly<Record<string, unknown>> {
    const trial = this.#trials.get(breaker);
    if (trial === undefined)
      throw new RequestProblem('conflict', 'The breaker tries no options; propose some with PATCH first');
    this.#trials.delete(breaker);
    updated(() => trial.update[how]());
    return trial.view.options;
  }

  /** Changes the options of a breaker now. A trial ends. */
  apply(breaker: CircuitBreaker, options: Readonly<Record<string, unknown>>): void {
    updated(() => breaker.update(options as UpdateOptions));
    this.#trials.get(breaker)?.update.cancel();
    this.#trials.delete(breaker);
  }

  /** Returns the trial of a breaker, or null. */
  view(breaker: CircuitBreaker): TrialView | null {
    const trial = this.#trials.get(breaker);
    return trial === undefined ? null : { state: trial.update.state, ...trial.view };
  }
}

/** Runs an update, whose errors are those of the request. */
function updated<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const problems = error.problems.map(({ option, kind, expected }) => ({
      field: `options.${option.slice(0, 80)}`,
      message: kind === 'unknown' ? 'is not an option' : `must be ${expected}`,
    }));
    throw new RequestProblem('invalid', error.message, { problems });
  }
}
