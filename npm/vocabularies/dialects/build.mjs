import { besides, buildPackage } from '../../../.ci/lib/build-package.mjs';

await buildPackage(import.meta.dirname, {
  entries: ['conexxus', 'haven', 'campaign', 'nerdgraph', 'nerdgraph-inversify', 'presets'],
  plugins: [besides('module', 'nerdgraph')],
});
