import { plugBackends } from '../engine/backend.ts';
import { nativeBackend } from '../engine/native.ts';

// eslint-disable-next-line @typescript-eslint/no-require-imports
plugBackends({ wasm: () => require('./engine.cjs').load(), native: nativeBackend });
export * from '../index.ts';
