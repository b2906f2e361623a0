/** The repository that the site is about. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A path inside the repository. */
export const at = (...parts: readonly string[]): string => path.join(root, ...parts);

export const exists = (file: string): boolean => existsSync(at(file));

export const isFile = (file: string): boolean => exists(file) && statSync(at(file)).isFile();

export const read = (file: string): string => readFileSync(at(file), 'utf8');
