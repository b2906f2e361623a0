import { clientLimit } from '../facts.ts';
import type { BreakerRule } from '../rule.ts';

export const resetShorterThanTimeout: BreakerRule = {
  code: 'reset-shorter-than-timeout',
  severity: 'warning',
  reason:
    'The circuit sends probes although calls from before its opening may still run. A dependency that hangs receives ' +
    'probes while it still holds those calls, and each probe takes longer to fail than the circuit was open.',
  advice: 'Make resetTimeout at least as long as timeout: mostly by a shorter timeout.',
  check({ explanation: { openTime }, timeout }) {
    if (timeout === undefined || openTime >= timeout) return undefined;
    return `it is open for ${openTime} ms, and a call may take ${timeout} ms`;
  },
};

/** Options that are times in milliseconds. */
const TIMES = ['timeout', 'resetTimeout', 'retryDelay', 'monitoringWindow', 'monitoringPeriod'] as const;
/** Milliseconds below which a time looks like a number of seconds. */
const SHORTEST_USUAL_TIME = 50;

export const timesInSeconds: BreakerRule = {
  code: 'times-in-seconds',
  severity: 'warning',
  reason: 'All times are milliseconds. With a timeout of 5 meant as seconds, nearly every call fails.',
  advice: 'Give milliseconds: 5_000 for five seconds.',
  check({ options }) {
    const times = TIMES.map((option) => ({ option, time: Number(options[option]) }));
    const short = times.filter(({ time }) => time > 0 && time < SHORTEST_USUAL_TIME);
    if (short.length === 0) return undefined;
    return short.map(({ option, time }) => `${option} is ${time} milliseconds`).join(', ');
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
    "The client always gives up first, so the breaker's timeout never fires. That is fine as a second line of defence, but " +
    'it is not what limits a call.',
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
    'The breaker rejects the call with a timeout while the client works on: connections and memory stay in use for calls ' +
    'that nobody awaits any more.',
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
  reason: 'The client retries by itself, and the breaker ends the call before all of these attempts have run.',
  advice:
    'Put a retry around the breaker instead, with a timeout for each attempt; or give the breaker time for all attempts.',
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
  reason: 'The timeout ends a call before it counts as slow: the slow-call rule never applies.',
  advice: 'Make slowCallDuration a good deal shorter than timeout.',
  check({ options: { slowCallDuration }, timeout }) {
    if (slowCallDuration === undefined || timeout === undefined || slowCallDuration < timeout) return undefined;
    return `a call is slow from ${slowCallDuration} ms on, and is ended after ${timeout} ms`;
  },
};
