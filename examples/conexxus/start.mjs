// Builds the example, and runs its scenario, or with --serve the application beside a stand-in for the API until it is stopped.

import process from 'node:process';
import { build } from './build.mjs';

build();
await import(process.argv.includes('--serve') ? './dist/scenario/serve.js' : './dist/scenario/main.js');
