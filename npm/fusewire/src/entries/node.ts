import { registerBackends } from '../engine/backend.ts';
import { nativeBackend } from '../engine/native-backend.ts';

// eslint-disable-next-line @typescript-eslint/no-require-imports
registerBackends({ wasm: () => require('./engine.cjs').load(), native: nativeBackend });
export * from '../index.ts';
