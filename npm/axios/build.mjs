import { buildNodePackage } from '../../.ci/lib/node-package.mjs';

await buildNodePackage(import.meta.dirname, { everywhere: true });
