import { registerBackends } from '../engine/backend.ts';
import { nativeBackend } from '../engine/native-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';

// eslint-disable-next-line @typescript-eslint/no-require-imports
registerBackends({ wasm: () => loadWasm(() => require('./engine.cjs').load()), native: nativeBackend });
export * from '../index.ts';
