import type { BreakerRegistry } from 'fusewire';
import { CircuitBreaker } from '@fusewire/dialects/conexxus';
import type { Logger } from '@fusewire/dialects/conexxus';
import { adaptive } from 'fusewire/adaptive';
import type { Settings } from '../../variables.ts';

/** Returns the breaker of the document, with a higher threshold in the peak hours of the shops. */
export function createBreaker(
  settings: Settings,
  timeOfDay: () => number,
  registry: BreakerRegistry,
  logger: Logger,
): CircuitBreaker {
  const circuitBreaker = new CircuitBreaker({
    failureThreshold: 5,
    successThreshold: 2,
    timeout: settings.CONEXXUS_OPEN_TIME,
    monitoringPeriod: settings.CONEXXUS_MONITORING_PERIOD,
    registry,
    logger,
  });
  adaptive(circuitBreaker.engine, {
    schedule: {
      timeZone: settings.CONEXXUS_TIME_ZONE,
      entries: [{ from: '09:00', to: '18:00', failureThreshold: settings.CONEXXUS_PEAK_FAILURES }],
      clock: timeOfDay,
    },
  });
  return circuitBreaker;
}
