import { VirtualTime } from './virtual-time.ts';

/** The time of this thread. */
export const time = new VirtualTime();
time.install();
