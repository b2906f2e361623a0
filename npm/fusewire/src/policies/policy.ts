import type { CallContext } from '../context.ts';
import type { CallOptions } from '../options.ts';
import { misuseOfPolicy } from '../misuse.ts';
import { asPromise, rejectSoon, silence, whenSettled } from '../promises.ts';
import { SignalLink } from '../signals.ts';
import { Ending } from './ending.ts';
import { LayerContext } from './layer-context.ts';

/** Work as a layer hands it on: it may be called again, and it never throws. */
export type LayerWork = (context: LayerContext) => Promise<unknown>;

/** What a policy does. */
export type PolicyKind =
  'breaker' | 'bulkhead' | 'fallback' | 'hedge' | 'limit' | 'rate' | 'retry' | 'throttle' | 'timeout';

/** One layer around a call. */
export interface Layer {
  readonly kind: PolicyKind;
  readonly name: string;
  /** Runs the work under a context, and settles as the layer decides. Never throws. */
  run(work: LayerWork, context: LayerContext): Promise<unknown>;
}

/** Whether something that was given is a layer. */
export function isLayer(given: unknown): given is Layer {
  return given instanceof Policy;
}

/** Something that runs calls: alone, or as a layer of a `pipeline`. */
export abstract class Policy {
  /** The name in errors and stats. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Runs `work` under this policy, and settles with the same value or the same error unless the policy decides otherwise.
   *
   * Rejects with the signal's reason as soon as the caller's signal aborts, and with a `TypeError` if `work` or `options`
   * are not what they should be. Never throws.
   */
  execute<T>(work: (context: CallContext) => T | PromiseLike<T>, options?: CallOptions): Promise<Awaited<T>> {
    return start(this.name, (inner, context) => this.run(inner, context), work, options) as Promise<Awaited<T>>;
  }

  /** @internal */
  abstract readonly kind: PolicyKind;

  /** @internal */
  abstract run(work: LayerWork, context: LayerContext): Promise<unknown>;
}

/** Starts a call: what every `execute` of a policy does. */
export function start(
  name: string,
  run: Layer['run'],
  work: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  const signal = options?.signal;
  const fault = misuseOfPolicy(name, work, options, signal);
  if (fault !== undefined || signal?.aborted === true) {
    silence(work);
    return rejectSoon(fault ?? signal?.reason);
  }
  const context = new LayerContext(name, signal !== undefined, 1, undefined);
  const inner: LayerWork = (at) => invoke(work as (context: CallContext) => unknown, at);
  if (signal === undefined) return run(inner, context);
  const ending = new Ending(context);
  ending.follow(SignalLink.of(signal));
  return ending.of(run(inner, context));
}

/** Calls the work itself; what it throws is a rejection. Capacity is held until it has really ended. */
function invoke(work: (context: CallContext) => unknown, context: LayerContext): Promise<unknown> {
  const { capacity } = context;
  capacity?.begin();
  let promise: Promise<unknown>;
  try {
    promise = asPromise(work(context));
  } catch (error) {
    capacity?.end();
    return rejectSoon(error);
  }
  if (capacity !== undefined) whenSettled(promise, capacity.end, capacity.end);
  return promise;
}
