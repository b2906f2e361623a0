import { buildPackage } from '../../../.ci/lib/build-package.mjs';

await buildPackage(import.meta.dirname, { entries: ['index', 'kit'], everywhere: true, shared: true });
