import { BreakerRegistry } from 'fusewire';

const breakers = new BreakerRegistry();

export const call = (name: string, work: () => Promise<string>) => breakers.for(name).execute(work);
export const metrics = () =>
  Array.from(breakers, ([, breaker]) => breaker.getStats())
    .map(({ name, totalFailures }) => `circuit_breaker_failures_total{name="${name}"} ${totalFailures}`)
    .join('\n');
