import { OUTCOME } from '../engine/codes.ts';

/** Classified outcome: how every part counts it. */
export interface Classification {
  /** Code of the outcome: success, failure, timeout or ignored. */
  readonly code: number;
  /** Milliseconds for which a breaker opens; 0 for none. */
  readonly openFor: number;
  /** Whether a retry repeats the call; undefined if only the code decides. */
  readonly retry: boolean | undefined;
  /** Shortest delay before the next attempt, in milliseconds; undefined for that of the retry. */
  readonly retryAfter: number | undefined;
  /** Whether the work may have happened although the call failed; undefined if only the error decides. */
  readonly outcomeUnknown: boolean | undefined;
}

function plain(code: number, retry?: boolean): Classification {
  return { code, openFor: 0, retry, retryAfter: undefined, outcomeUnknown: undefined };
}

export const SUCCESS = plain(OUTCOME.SUCCESS);
export const FAILURE = plain(OUTCOME.FAILURE);
export const TIMEOUT = plain(OUTCOME.TIMEOUT);
export const IGNORED = plain(OUTCOME.IGNORED);
/** Wrong call, such as one that returned an Observable. No part repeats it, answers it or counts it. */
export const MISUSE = plain(OUTCOME.IGNORED, false);

/** Whether an outcome counts as a success. */
export function isSuccess({ code }: Classification): boolean {
  return code === OUTCOME.SUCCESS;
}

/** Whether an outcome counts as a failure, also as a timeout. */
export function isFailure({ code }: Classification): boolean {
  return code === OUTCOME.FAILURE || code === OUTCOME.TIMEOUT;
}

/** Whether a retry repeats a call with this outcome. Rejections by a breaker or a policy are the exception. */
export function isRetriable(classification: Classification): boolean {
  return classification.retry ?? isFailure(classification);
}
