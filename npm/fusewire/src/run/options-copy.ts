import type { PolicyCallOptions } from './call-options.ts';

/** Copy of the options of a call, to which a subclass adds what the layers of the call record. */
export abstract class OptionsCopy implements Required<PolicyCallOptions> {
  readonly signal: AbortSignal | undefined;
  readonly priority: PolicyCallOptions['priority'];
  readonly key: string | undefined;
  readonly args: readonly unknown[] | undefined;
  readonly idempotent: boolean | undefined;

  constructor(options: PolicyCallOptions | undefined) {
    this.signal = options?.signal;
    this.priority = options?.priority;
    this.key = options?.key;
    this.args = options?.args;
    this.idempotent = options?.idempotent;
  }
}
