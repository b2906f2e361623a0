import { DevelopmentWarnings } from '../doctor/development-warnings.ts';

/** What `platforms/node.ts` loads. */
export const load = () => new DevelopmentWarnings();
