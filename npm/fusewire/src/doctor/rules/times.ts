import { clientLimit } from '../facts.ts';
import type { BreakerRule } from '../rule.ts';

export const resetShorterThanTimeout: BreakerRule = {
  code: 'reset-shorter-than-timeout',
  severity: 'warning',
  reason:
    'The circuit tries again before a call of the time before it opened has to have ended. A dependency that hangs is sent ' +
    'probes while it still holds those calls, and each probe takes longer to fail than the circuit was open.',
  advice: 'Make resetTimeout at least as long as timeout: mostly by a shorter timeout.',
  check({ explanation: { openTime }, timeout }) {
    if (timeout === undefined || openTime >= timeout) return undefined;
    return `it is open for ${openTime} ms, and a call may take ${timeout} ms`;
  },
};

export const timeoutMissing: BreakerRule = {
  code: 'timeout-missing',
  severity: 'warning',
  reason:
    'A call that never ends never counts as a failure: a dependency that hangs keeps the circuit closed for ever.',
  advice: 'Give timeout a number, or make sure that the client has a limit of its own.',
  needsFacts: true,
  check({ timeout, options, facts }) {
    if (timeout !== undefined || options.inFlight !== undefined || clientLimit(facts) !== undefined) return undefined;
    return 'neither the breaker nor, as far as is known, its client limits how long a call may take';
  },
};

export const timeoutLongerThanClient: BreakerRule = {
  code: 'timeout-longer-than-client',
  severity: 'note',
  reason:
    "The client gives up first, always, so that the breaker's own timeout is idle. That is fine as a second line of defence; " +
    'who takes it for what limits a call is mistaken.',
  advice:
    "Nothing, if that is meant. Otherwise make the breaker's timeout the shorter one, and hand its signal to the client.",
  check({ timeout, facts }) {
    const limit = clientLimit(facts);
    if (timeout === undefined || limit === undefined || timeout <= limit) return undefined;
    return `a call may take ${timeout} ms, and the client gives up after ${limit} ms`;
  },
};

export const timeoutShorterThanClient: BreakerRule = {
  code: 'timeout-shorter-than-client',
  severity: 'warning',
  reason:
    'The breaker tells its caller of a timeout while the client works on: connections and memory stay taken by calls that ' +
    'nobody waits for any more.',
  advice: "Hand the signal that execute gives to the client, or set the client's timeout a little below the breaker's.",
  check({ timeout, facts }) {
    const attempt = facts.client?.timeout ?? 0;
    if (timeout === undefined || attempt <= timeout) return undefined;
    return `a call may take ${timeout} ms, and the client goes on for ${attempt} ms`;
  },
};

export const timeoutCutsRetries: BreakerRule = {
  code: 'timeout-cuts-client-retries',
  severity: 'warning',
  reason: 'The client tries again by itself, and the breaker ends the call before it is through with that.',
  advice:
    'Have a retry around the breaker do it, with a timeout for each attempt; or give the breaker the time of all of them.',
  check({ timeout, facts }) {
    const { timeout: attempt = 0, retries = 0 } = facts.client ?? {};
    const limit = clientLimit(facts);
    if (timeout === undefined || limit === undefined || retries === 0) return undefined;
    if (attempt > timeout || limit <= timeout) return undefined;
    return `a call may take ${timeout} ms, and the client's ${retries + 1} attempts of ${attempt} ms take ${limit} ms`;
  },
};

export const slowCallOutOfReach: BreakerRule = {
  code: 'slow-call-out-of-reach',
  severity: 'error',
  reason: 'A call is ended by the timeout before it is slow: the slow-call rule never speaks.',
  advice: 'Make slowCallDuration a good deal shorter than timeout.',
  check({ options: { slowCallDuration }, timeout }) {
    if (slowCallDuration === undefined || timeout === undefined || slowCallDuration < timeout) return undefined;
    return `a call is slow from ${slowCallDuration} ms on, and is ended after ${timeout} ms`;
  },
};
