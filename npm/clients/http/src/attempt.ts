import type { CallContext } from 'fusewire';
import { onAbort } from './caller.ts';

/** Signal and end of one attempt of a request. */
export interface Attempt {
  /** Returns the signal for the attempt, given the context of its timeout. */
  signalFor(timed: CallContext | undefined): AbortSignal | undefined;
  /** Aborts the request, as far as its body cannot. */
  readonly abort: (reason: unknown) => void;
  /** Removes the listeners, when the body of the response has ended or there is no response. May be called more than once. */
  readonly stop: () => void;
}

/** Returns an attempt that only its timeout can abort. A response ends when its body is cancelled. */
export function untilHead(): Attempt {
  return { signalFor: (timed) => timed?.signal, abort: () => {}, stop: () => {} };
}

/** Returns an attempt that several signals can abort, also while the response is read. */
export function untilEnd(signals: readonly (AbortSignal | undefined)[]): Attempt {
  const controller = new AbortController();
  const abort = (reason: unknown) => controller.abort(reason);
  const stopListening: (() => void)[] = [];
  const follow = (signal: AbortSignal | undefined) => {
    if (signal !== undefined) stopListening.push(onAbort(signal, abort));
  };
  signals.forEach(follow);
  return {
    signalFor(timed) {
      follow(timed?.signal);
      return controller.signal;
    },
    abort,
    stop() {
      for (const stop of stopListening) stop();
    },
  };
}
