import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Returns a path inside the repository. */
export const at = (...parts) => path.join(root, ...parts);
