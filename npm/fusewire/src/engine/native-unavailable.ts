import type { Backend } from './backend.ts';
import { EngineLoadError } from '../errors/engine-load-error.ts';

/** Throws the error of a runtime without the native addon. */
export function nativeUnavailable(): Backend {
  throw new EngineLoadError('native', [], 'it is an addon of Node, and this is another build of the package.');
}
