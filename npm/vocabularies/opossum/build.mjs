import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../../../.ci/lib/build-package.mjs';

await buildPackage(import.meta.dirname);

// `require` gives the class itself, as opossum's does; an import gives it as the default.
const dist = join(import.meta.dirname, 'dist');
renameSync(join(dist, 'index.cjs'), join(dist, 'circuit-breaker.cjs'));
const written = {
  'index.cjs': `const { CircuitBreaker } = require('./circuit-breaker.cjs');
module.exports = Object.assign(CircuitBreaker, { CircuitBreaker, default: CircuitBreaker });
`,
  'index.mjs': `import CircuitBreaker from './index.cjs';
export const { Status } = CircuitBreaker;
export { CircuitBreaker, CircuitBreaker as default };
`,
  'types/cjs/index.d.ts': `import { CircuitBreaker } from './circuit-breaker.js';
export = CircuitBreaker;
`,
};
for (const [file, text] of Object.entries(written)) writeFileSync(join(dist, file), text);
