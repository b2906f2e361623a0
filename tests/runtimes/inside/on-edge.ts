import { runBundled } from './bundled.ts';

Object.assign(globalThis, { report: runBundled() });
