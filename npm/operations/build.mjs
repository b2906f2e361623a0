import { buildPackage } from '../../.ci/lib/build-package.mjs';

const entries = ['redaction', 'events', 'disk', 'contract', 'health', 'alerts', 'management'];
await buildPackage(import.meta.dirname, { entries, onlyNode: ['disk'], everywhere: true, shared: true });
