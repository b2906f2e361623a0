import type { BreakerRule } from '../rule.ts';

export const noJitter: BreakerRule = {
  code: 'no-jitter',
  severity: 'warning',
  reason:
    'Processes that open their circuits together also probe together, and overload a dependency that is just recovering.',
  advice: 'Give resetTimeout as { initial, jitter: 0.2 }.',
  check({ openTime: { jitter = 0 }, facts: { instances = 1 } }) {
    return instances > 1 && jitter === 0 ? `${instances} processes try again at the same moment` : undefined;
  },
};

export const sameSeed: BreakerRule = {
  code: 'same-seed',
  severity: 'warning',
  reason: 'A fixed seed is the same in every process, and so is the jitter that is drawn from it.',
  advice: 'Set seed only in tests.',
  check({ options: { seed }, openTime: { jitter = 0 } }) {
    return seed !== undefined && jitter > 0 ? `seed is ${seed}, and jitter is drawn from it` : undefined;
  },
};

export const moreProbesThanNeeded: BreakerRule = {
  code: 'more-probes-than-needed',
  severity: 'warning',
  reason:
    'The half-open circuit sends more probes at once than it needs to decide, to a dependency that is just recovering. ' +
    'The option limits nothing while the circuit is closed.',
  advice:
    'Make maxConcurrentRequests at most successThreshold, or halfOpen.calls. It limits probes alone; a bulkhead limits all calls.',
  check({ options: { maxConcurrentRequests = 1 }, explanation: { probesRequired } }) {
    if (maxConcurrentRequests <= probesRequired) return undefined;
    return `${maxConcurrentRequests} probes go at once while it is half-open, and ${probesRequired} decide`;
  },
};
