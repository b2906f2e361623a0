import { buildPackage } from '../../.ci/lib/build-package.mjs';
import { dashboardAssets } from './dashboard-assets.mjs';

await buildPackage(import.meta.dirname, {
  entries: ['redaction', 'events', 'health', 'alerts', 'management', 'dashboard'],
  everywhere: true,
  shared: true,
  alone: ['dashboard'],
  plugins: [dashboardAssets(import.meta.dirname)],
});
