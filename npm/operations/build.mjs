import { besides, buildPackage } from '../../.ci/lib/build-package.mjs';
import { dashboardAssets } from './dashboard-assets.mjs';

await buildPackage(import.meta.dirname, {
  entries: [
    'redaction',
    'events',
    'disk',
    'contract',
    'health',
    'alerts',
    'management',
    'shapes',
    'server',
    'dashboard',
    'cli',
  ],
  onlyNode: ['disk', 'cli'],
  everywhere: true,
  shared: true,
  alone: ['disk', 'contract', 'shapes', 'server', 'dashboard', 'cli'],
  plugins: [dashboardAssets(import.meta.dirname), besides('cli', 'dashboard')],
});
