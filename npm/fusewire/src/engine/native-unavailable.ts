import type { Backend } from './backend.ts';
import { BackendLoadError } from '../errors.ts';

/** Stands for the native addon where there is none. */
export function nativeUnavailable(): Backend {
  throw new BackendLoadError('native', [], 'it is an addon of Node, and this is another build of the package.');
}
