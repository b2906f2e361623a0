import { handleObservables } from '../run/first-value.ts';
import type { CallOptions } from '../run/call-options.ts';
import type { Work } from './call.ts';
import { Circuit } from './circuit.ts';
import type { CallResult } from '../run/results.ts';

/** Circuit of a breaker with the option `observables: 'first-value'`. Other circuits do not look for Observables. */
export class ObservingCircuit extends Circuit {
  override execute(work: Work, options: CallOptions | undefined): Promise<unknown> {
    return super.execute(handleObservables(work, this.observables), options);
  }

  override tryExecute(work: Work, options: CallOptions | undefined): Promise<CallResult<unknown>> {
    return super.tryExecute(handleObservables(work, this.observables), options);
  }
}
