import { BreakerRegistry } from 'fusewire';

const breakers = new BreakerRegistry({ defaults: { failureThreshold: 3, timeout: 2_000 } });

export const call = (name: string, work: () => Promise<string>) => breakers.for(name).execute(work);
