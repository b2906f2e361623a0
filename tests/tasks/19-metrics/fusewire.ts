import { prometheus } from '@fusewire/prometheus';
import { BreakerRegistry } from 'fusewire';

const breakers = new BreakerRegistry();
const exported = prometheus({ sources: [breakers] });

export const call = (name: string, work: () => Promise<string>) => breakers.for(name).execute(work);
export const metrics = () => exported.text();
