import type { Backend } from './backend.ts';
import { BackendLoadError } from '../errors.ts';

/** Throws the error of a runtime without the native addon. */
export function nativeUnavailable(): Backend {
  throw new BackendLoadError('native', [], 'it is an addon of Node, and this is another build of the package.');
}
