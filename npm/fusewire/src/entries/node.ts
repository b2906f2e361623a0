import { registerBackends } from '../engine/backend.ts';
import { nativeBackend } from '../engine/native-backend.ts';
import { loadWasm } from '../engine/wasm-loader.ts';
import { installAsyncResources } from '../run/async-resources.ts';

/* eslint-disable @typescript-eslint/no-require-imports */
registerBackends({ wasm: () => loadWasm(() => require('./engine.cjs').load()), native: nativeBackend });
installAsyncResources(() => process.getBuiltinModule?.('node:async_hooks') ?? require('node:async_hooks'));
export * from '../index.ts';
