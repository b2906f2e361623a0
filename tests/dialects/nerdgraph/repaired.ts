import { CircuitBreaker as Printed } from '../fixtures/nerdgraph/printed/circuit-breaker';
import type { CircuitBreakerConfig } from '../fixtures/nerdgraph/printed/circuit-breaker';
import type { Logger } from '@shared/utils/logger';

/** Private members of the printed class. */
interface Internals {
  state: string;
  failureCount: number;
  successCount: number;
  nextAttemptTime: number | undefined;
  stats: { averageResponseTime: number; state: string };
  setState(state: string): void;
  onFailure(error: Error, responseTime: number): void;
  recordCall(success: boolean, duration: number): void;
  updateAverageResponseTime(responseTime: number): void;
}

/**
 * Returns the printed class without the defects that sequential calls can observe. The README of the package lists the
 * defects, and `differences.vitest.ts` shows each with the class as it is printed.
 */
export function repaired(config: CircuitBreakerConfig, logger: Logger): Printed {
  const breaker = new Printed(config, logger);
  const internals = breaker as unknown as Internals;
  countProbesOnly(internals);
  ignoreLateFailures(internals);
  averageOverAllCalls(internals);
  becomeHalfOpenWhenDue(breaker, internals);
  clearTimers(breaker, config.timeout);
  return breaker;
}

function countProbesOnly(internals: Internals): void {
  const { setState } = internals;
  internals.setState = function (state) {
    if (state === 'HALF_OPEN') this.successCount = 0;
    setState.call(this, state);
  };
  const breaker = internals as unknown as Printed;
  const { reset } = breaker;
  breaker.reset = () => {
    internals.successCount = 0;
    reset.call(breaker);
  };
}

/** Leaves failures out of the count while the circuit is open. The class still emits and logs them. */
function ignoreLateFailures(internals: Internals): void {
  const { onFailure } = internals;
  internals.onFailure = function (error, responseTime) {
    if (this.state === 'OPEN') this.failureCount--;
    onFailure.call(this, error, responseTime);
  };
}

function averageOverAllCalls(internals: Internals): void {
  let calls = 0;
  let total = 0;
  internals.updateAverageResponseTime = () => undefined;
  internals.recordCall = (_success, duration) => {
    total += duration;
    internals.stats.averageResponseTime = total / ++calls;
  };
}

function becomeHalfOpenWhenDue(breaker: Printed, internals: Internals): void {
  const { getStats } = breaker;
  breaker.getStats = () => {
    const stats = getStats.call(breaker);
    const isDue = internals.state === 'OPEN' && Date.now() >= (internals.nextAttemptTime ?? 0);
    return isDue ? { ...stats, state: 'HALF_OPEN' as never } : stats;
  };
}

function clearTimers(breaker: Printed, timeout: number): void {
  const { execute } = breaker;
  breaker.execute = async (fn) => {
    const start = globalThis.setTimeout;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const running = execute.call(breaker, () => {
      const work = fn();
      globalThis.setTimeout = ((expire: () => void) => {
        globalThis.setTimeout = start;
        return (timer = start(expire, timeout));
      }) as typeof setTimeout;
      return work;
    });
    try {
      return (await running) as never;
    } finally {
      clearTimeout(timer);
    }
  };
}
