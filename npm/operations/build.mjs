import { buildPackage } from '../../.ci/lib/build-package.mjs';
import { besides, dashboardAssets } from './dashboard-assets.mjs';

await buildPackage(import.meta.dirname, {
  entries: ['redaction', 'events', 'health', 'alerts', 'management', 'dashboard', 'cli'],
  everywhere: true,
  shared: true,
  alone: ['dashboard', 'cli'],
  nodeOnly: ['cli'],
  plugins: [dashboardAssets(import.meta.dirname), besides('cli', 'dashboard')],
});
