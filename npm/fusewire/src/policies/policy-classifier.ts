import { IGNORED, TIMEOUT } from '../classification/classification.ts';
import type { Classification } from '../classification/classification.ts';
import { classifyError, classifyValue } from '../classification/classifier.ts';
import type { Classifier, FaultListener } from '../classification/classifier.ts';
import { classifyErrorByDefault } from '../classification/default-classification.ts';
import { reportFault } from '../logging.ts';
import type { LayerContext } from '../run/layer-context.ts';

/** Classifier of a policy: its own, or else that of the pipeline around it. Counts the faults, and reports the first. */
export class PolicyClassifier implements FaultListener {
  /** Calls of the user's functions that threw or returned a wrong value. */
  predicateErrors = 0;
  readonly #policy: string;
  readonly #own: Classifier | undefined;

  constructor(policy: string, own: Classifier | undefined) {
    this.#policy = policy;
    this.#own = own;
  }

  /** Returns how the error of a call counts. */
  ofError(error: unknown, context: LayerContext | undefined): Classification {
    return classifyError(this.#own ?? context?.classifier, error, this);
  }

  /** Returns how the value of a call counts. */
  ofValue(value: unknown, context: LayerContext | undefined): Classification {
    return classifyValue(this.#own ?? context?.classifier, value, this);
  }

  /** Returns how a rejection counts for the load of the dependency: an aborted call by its reason, and not by its error. */
  ofRejection(error: unknown, context: LayerContext | undefined): Classification {
    const aborted = context?.aborted;
    if (aborted === undefined) return this.ofError(error, context);
    return classifyErrorByDefault(aborted.reason) === TIMEOUT ? TIMEOUT : IGNORED;
  }

  recordFault(_kind: 'predicateErrors', message: string, error: unknown): void {
    if (this.predicateErrors++ === 0) reportFault(undefined, `Policy ${this.#policy}: ${message}`, error);
  }
}
