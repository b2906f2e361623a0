import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../../../.ci/lib/build-package.mjs';

await buildPackage(import.meta.dirname);

// One CommonJS module whose exports are the class itself, as with opossum: `import * as` of it is the class wherever a
// compiler or a bundler makes a `require` of the import. Node finds the names of `module.exports.name = …`.
const dist = join(import.meta.dirname, 'dist');
renameSync(join(dist, 'index.cjs'), join(dist, 'circuit-breaker.cjs'));
rmSync(join(dist, 'index.mjs'));
rmSync(join(dist, 'types/esm'), { recursive: true });
// The exports by name, with the declarations themselves: the API reference reads them.
renameSync(join(dist, 'types/cjs/index.d.ts'), join(dist, 'types/cjs/module.d.ts'));
const written = {
  'index.cjs': `const { CircuitBreaker, Status } = require('./circuit-breaker.cjs');
module.exports = CircuitBreaker;
module.exports.CircuitBreaker = CircuitBreaker;
module.exports.Status = Status;
module.exports.isOurError = CircuitBreaker.isOurError;
module.exports.newStatus = CircuitBreaker.newStatus;
module.exports.default = CircuitBreaker;
`,
  // A `type` would tell the compiler that bundlers make an object of `import * as`, instead of the class.
  'types/cjs/package.json': '{}\n',
  'types/cjs/index.d.ts': `import { CircuitBreaker } from './circuit-breaker.js';
import { CircuitBreaker as Exported } from './circuit-breaker.js';
declare module './circuit-breaker.js' {
  namespace CircuitBreaker {
    export { Exported as CircuitBreaker, Exported as default };
  }
}
export = CircuitBreaker;
`,
};
for (const [file, text] of Object.entries(written)) writeFileSync(join(dist, file), text);
