import { BackendLoadError } from '../errors.ts';
import { describeError } from '../logging.ts';

const ADVICE =
  'allow WebAssembly in this process, or install the native addon. On an edge runtime, let the bundler import .wasm files ' +
  '(Nitro and Nuxt: experimental.wasm). Tried:';

/** Returns what `load` loads. Throws a {@link BackendLoadError} if WebAssembly is missing or gets no memory. */
export function loadWasm<Engine>(load: () => Engine): Engine {
  try {
    return load();
  } catch (error) {
    throw new BackendLoadError('wasm', [{ path: 'WebAssembly', reason: describeError(error) }], ADVICE);
  }
}
