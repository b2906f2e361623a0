import { buildPackage } from '../../.ci/lib/build-package.mjs';

await buildPackage(import.meta.dirname, {
  entries: ['index', 'vitest', 'jest', 'node', 'queue', 'server'],
  everywhere: true,
});
