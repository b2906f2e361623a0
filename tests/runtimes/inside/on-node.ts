/** For the runtimes that load packages from a folder: what is installed runs as it lies there. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as fusewire from 'fusewire';
import * as queue from 'fusewire/queue';
import type { Engine } from '../../conformance/engines.ts';
import { runSuite } from './suite.ts';

const require = createRequire(import.meta.url);
const addons = new URL('node_modules/@fusewire/', import.meta.url);

function wasmEngine(): Engine {
  return require('./node_modules/fusewire/dist/platforms/node-breakers.cjs').load();
}

function nativeEngine(): Engine {
  const [addon] = readdirSync(addons);
  return require(`@fusewire/${addon}`);
}

const backend = process.argv[2] as fusewire.BackendKind;
const engine = backend === 'native' ? nativeEngine() : wasmEngine();
const report = await runSuite({ fusewire, queue, backend, engine, hasAddon: existsSync(addons) });
console.log(JSON.stringify(report));
if (report.failures.length > 0) process.exitCode = 1;
