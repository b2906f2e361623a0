import { buildPackage } from '../../.ci/lib/build-package.mjs';
import { dashboardAssets } from './dashboard-assets.mjs';

await buildPackage(import.meta.dirname, {
  entries: ['redaction', 'events', 'disk', 'contract', 'health', 'alerts', 'management', 'dashboard'],
  onlyNode: ['disk'],
  everywhere: true,
  shared: true,
  alone: ['disk', 'contract', 'dashboard'],
  plugins: [dashboardAssets(import.meta.dirname)],
});
