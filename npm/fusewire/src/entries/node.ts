import { plugBackends } from '../backend.ts';
import { nativeBackend } from '../backends/native.ts';
import { wasmBackend } from '../backends/wasm.ts';

// The bytes are a module of their own, which is read when the first breaker is made: importing the package is faster so.
// eslint-disable-next-line @typescript-eslint/no-require-imports
plugBackends({ wasm: () => wasmBackend(Buffer.from(require('./engine.cjs'), 'base64')), native: nativeBackend });
export * from '../index.ts';
