import { BreakerRegistry } from 'fusewire';

const breakers = new BreakerRegistry();

export const call = (name: string, work: () => Promise<string>) => breakers.for(name).execute(work);
export const health = () => breakers.health();
