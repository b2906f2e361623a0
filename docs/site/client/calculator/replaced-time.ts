import { VirtualTime } from './virtual-time.ts';

/** Virtual time of this worker, installed before the engine is loaded. */
export const time = new VirtualTime();
time.install();
