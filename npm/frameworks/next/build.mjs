import { buildPackage } from '../../../.ci/lib/build-package.mjs';

await buildPackage(import.meta.dirname, { everywhere: true });
