import { BreakerRegistry } from 'fusewire';

const tenants = new BreakerRegistry({ defaults: { failureThreshold: 3 } });

export const ask = (tenant: string, work: () => Promise<string>) => tenants.for(tenant).execute(work);
