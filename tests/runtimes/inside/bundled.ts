/** For the runtimes that programs are bundled for: the build of the package that their condition picks. */
import { loadBreakers } from '#platform';
import * as fusewire from 'fusewire';
import * as queue from 'fusewire/queue';
import { runSuite, type Report } from './suite.ts';

export function runBundled(): Promise<Report> {
  return runSuite({ fusewire, queue, backend: 'wasm', engine: loadBreakers(), hasAddon: false });
}
