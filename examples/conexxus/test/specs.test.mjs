// Builds the example, and runs its specs. They are compiled, because Node does not know decorators.

import { globSync } from 'node:fs';
import path from 'node:path';
import { build } from '../build.mjs';

build();
const compiled = path.join(import.meta.dirname, '../dist/test');
for (const file of globSync('*.spec.js', { cwd: compiled }).sort()) await import(path.join(compiled, file));
