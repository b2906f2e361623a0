import { DevelopmentWarnings } from '../doctor/development-warnings.ts';

/** Creates the development warnings for `platforms/node.ts`. */
export const create = () => new DevelopmentWarnings();
