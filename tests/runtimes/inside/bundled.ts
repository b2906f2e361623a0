/** For the runtimes that programs are bundled for: the build of the package that their condition picks. */
import * as fusewire from 'fusewire';
import type { Engine } from '../../conformance/engines.ts';
import { runSuite, type Report } from './suite.ts';

export function runBundled(): Promise<Report> {
  // bundle.ts lets us at the engine; the package itself does not.
  const { backendOf } = fusewire as unknown as { backendOf(backend: 'wasm'): Engine };
  return runSuite({ fusewire, backend: 'wasm', engine: backendOf('wasm'), hasAddon: false });
}
