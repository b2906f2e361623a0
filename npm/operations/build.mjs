import { buildPackage } from '../../.ci/lib/build-package.mjs';

const entries = ['redaction', 'events', 'health', 'alerts', 'management'];
await buildPackage(import.meta.dirname, { entries, everywhere: true, shared: true });
