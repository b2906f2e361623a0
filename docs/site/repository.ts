/** The repository that the site is about. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A path inside the repository. */
export const at = (...parts: readonly string[]): string => path.join(root, ...parts);

export const exists = (file: string): boolean => existsSync(at(file));

export const read = (file: string): string => readFileSync(at(file), 'utf8');
