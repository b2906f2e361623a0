import { plugBackends } from '../backend.ts';
import { nativeBackend } from '../backends/native.ts';

// eslint-disable-next-line @typescript-eslint/no-require-imports
plugBackends({ wasm: () => require('./engine.cjs').load(), native: nativeBackend });
export * from '../index.ts';
