import { EngineLoadError } from '../errors/engine-load-error.ts';
import { describeError } from '../logging.ts';

const ADVICE =
  'allow WebAssembly in this process, or install the native addon. On an edge runtime, let the bundler import .wasm files ' +
  '(Nitro and Nuxt: experimental.wasm). Tried:';

/** Returns what `load` loads. Throws a {@link EngineLoadError} if WebAssembly is missing or gets no memory. */
export function loadWasm<Engine>(load: () => Engine): Engine {
  try {
    return load();
  } catch (error) {
    throw new EngineLoadError('wasm', [{ path: 'WebAssembly', reason: describeError(error) }], ADVICE);
  }
}
