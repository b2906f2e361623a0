import type { Rule } from '../rule.ts';

/** Rule about calls, which the development warnings check at run time. */
export interface CallRule extends Rule {
  readonly message: string;
}

export const abortWithoutSignal: CallRule = {
  code: 'abort-without-signal',
  severity: 'warning',
  reason: 'A caller who leaves is counted as a failure of the dependency, and enough of them open the circuit.',
  message: 'a call rejected with AbortError although no signal was given to execute, and counts as a failure',
  advice: "Pass the caller's signal: execute(work, { signal }). An abort by the caller then counts neither way.",
};

export const promiseRejected: CallRule = {
  code: 'promise-rejected',
  severity: 'warning',
  reason:
    'The work of a promise is under way when the circuit rejects the call, so that an open circuit spares nothing.',
  message: 'the circuit rejected a call whose work was a promise, and so was under way already',
  advice: 'Pass a function: execute(({ signal }) => fetch(url, { signal })). An open circuit does not call it.',
};

export const workNotEnded: CallRule = {
  code: 'work-not-ended',
  severity: 'warning',
  reason:
    'Work that never reads the signal of its call goes on after the timeout. Its connection and memory stay in use.',
  message: 'a call timed out, but its work went on, because it has never read the signal of the call',
  advice: 'Hand the signal on: execute(({ signal }) => fetch(url, { signal })), or wrap(({ signal }, id) => …).',
};

export const notRepeated: CallRule = {
  code: 'not-repeated',
  severity: 'warning',
  reason: 'After a timeout or a broken connection the work may have happened, and a retry would do it twice.',
  message: 'a retry did not repeat a call that timed out or lost its connection, because its work may have happened',
  advice:
    'If the work may run twice, say so with idempotent: true, of the retry, of the pipeline or of execute(work, { idempotent: true }). ' +
    'Otherwise set it to false.',
};

export const streamNotRead: CallRule = {
  code: 'stream-not-read',
  severity: 'warning',
  reason:
    'A stream that execute returns counts as a success when it begins. The circuit never sees that it breaks off.',
  message: 'a call returned a stream, and counted as a success before anybody had read it',
  advice: 'Use executeStream(work), which counts the stream when it ends, or read it inside the work.',
};

/** Rules about calls. */
export const callRules: readonly CallRule[] = [
  abortWithoutSignal,
  notRepeated,
  promiseRejected,
  streamNotRead,
  workNotEnded,
];
