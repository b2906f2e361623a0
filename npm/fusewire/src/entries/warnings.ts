import { Warnings } from '../doctor/warnings.ts';

/** What `platforms/node.ts` loads. */
export const load = () => new Warnings();
