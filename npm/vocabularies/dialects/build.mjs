import { buildPackage } from '../../../.ci/lib/build-package.mjs';

/** Makes the module for inversify load the entry that it extends, so that both have the same classes. */
const oneNerdgraph = {
  name: 'one-nerdgraph',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/nerdgraph\.ts$/ }, () => ({ path: './nerdgraph.cjs', external: true }));
  },
};

await buildPackage(import.meta.dirname, {
  entries: ['conexxus', 'haven', 'campaign', 'nerdgraph', 'nerdgraph-inversify', 'presets'],
  plugins: [oneNerdgraph],
});
