import type { PolicyCallOptions } from './call-options.ts';

/** Every option of a call, so that a copy misses none. */
type AllOptions = { readonly [Option in keyof Required<PolicyCallOptions>]: PolicyCallOptions[Option] };

/** Copy of the options of a call, to which a subclass adds what the layers of the call record. */
export abstract class OptionsCopy implements AllOptions {
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
