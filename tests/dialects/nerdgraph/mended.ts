import { CircuitBreaker as Printed } from '../fixtures/nerdgraph/printed/circuit-breaker';
import type { CircuitBreakerConfig } from '../fixtures/nerdgraph/printed/circuit-breaker';
import type { Logger } from '@shared/utils/logger';

/** What the printed class keeps to itself. */
interface Insides {
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
 * The printed class without its defects, as far as calls one after the other can tell. Each is in the README of the package,
 * and `differences.vitest.ts` shows it on the class as it is printed.
 */
export function mended(config: CircuitBreakerConfig, logger: Logger): Printed {
  const breaker = new Printed(config, logger);
  const insides = breaker as unknown as Insides;
  countProbesOnly(insides);
  forgetLateFailures(insides);
  averageOverAllCalls(insides);
  becomeHalfOpenWhenDue(breaker, insides);
  clearTimers(breaker, config.timeout);
  return breaker;
}

function countProbesOnly(insides: Insides): void {
  const { setState } = insides;
  insides.setState = function (state) {
    if (state === 'HALF_OPEN') this.successCount = 0;
    setState.call(this, state);
  };
  const breaker = insides as unknown as Printed;
  const { reset } = breaker;
  breaker.reset = () => {
    insides.successCount = 0;
    reset.call(breaker);
  };
}

/** It tells of them all the same. */
function forgetLateFailures(insides: Insides): void {
  const { onFailure } = insides;
  insides.onFailure = function (error, responseTime) {
    if (this.state === 'OPEN') this.failureCount--;
    onFailure.call(this, error, responseTime);
  };
}

function averageOverAllCalls(insides: Insides): void {
  let calls = 0;
  let total = 0;
  insides.updateAverageResponseTime = () => undefined;
  insides.recordCall = (_success, duration) => {
    total += duration;
    insides.stats.averageResponseTime = total / ++calls;
  };
}

function becomeHalfOpenWhenDue(breaker: Printed, insides: Insides): void {
  const { getStats } = breaker;
  breaker.getStats = () => {
    const stats = getStats.call(breaker);
    const isDue = insides.state === 'OPEN' && Date.now() >= (insides.nextAttemptTime ?? 0);
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
