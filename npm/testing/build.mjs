import { buildNodePackage } from '../../.ci/lib/node-package.mjs';

await buildNodePackage(import.meta.dirname, { entries: ['index', 'vitest', 'jest', 'node'], everywhere: true });
