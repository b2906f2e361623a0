/** Files of the repository that the site documents. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Returns the absolute path of a file of the repository. */
export const at = (...names: readonly string[]): string => path.join(root, ...names);

export const exists = (file: string): boolean => existsSync(at(file));

export const isFile = (file: string): boolean => exists(file) && statSync(at(file)).isFile();

export const read = (file: string): string => readFileSync(at(file), 'utf8');
