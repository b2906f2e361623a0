// Builds the example, and runs its scenario, or with --serve the program beside a stand-in for New Relic until it is stopped.

import process from 'node:process';
import { build } from './build.mjs';

build();
await import(process.argv.includes('--serve') ? './dist/scenario/serve.js' : './dist/scenario/main.js');
