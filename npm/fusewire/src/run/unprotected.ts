import { SignalSource } from './abort-signals.ts';
import { CallContext } from './call-context.ts';
import { invoke } from './invoke.ts';
import { LayerContext } from './layer-context.ts';
import { asPromise, rejectedPromise } from './promises.ts';
import { SignalledRun } from './signalled-run.ts';

/** Runs work without any protection. The caller's signal, if there is one, aborts it and ends the call. */
export function runUnprotected(
  name: string,
  work: ((context: CallContext) => unknown) | PromiseLike<unknown>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const run = typeof work === 'function' ? work : () => work;
  if (signal !== undefined) {
    const call = new SignalledRun();
    return call.start(invoke, LayerContext.of(name, run, undefined, call), SignalSource.of(signal));
  }
  try {
    return asPromise(run(new CallContext(name)), name);
  } catch (error) {
    return rejectedPromise(error);
  }
}
