// Builds the site into docs/dist.
//
//   npm run docs              builds the site and prints its address on disk
//   npm run docs -- --serve   then serves it on 127.0.0.1

import { fileURLToPath } from 'node:url';
import { buildSite } from './build.ts';
import { serve } from './serve.ts';

const output = fileURLToPath(new URL('../dist/', import.meta.url));
const args = process.argv.slice(2);
const port = Number(args[1] ?? 4173);
if (args.length > 0 && (args[0] !== '--serve' || !Number.isInteger(port))) {
  console.error('usage: npm run docs [-- --serve [port]]');
  process.exit(1);
}

const begun = performance.now();
const { pages, problems } = await buildSite(output);
console.log(`${pages.length} pages in ${((performance.now() - begun) / 1000).toFixed(1)} s: ${output}index.html`);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
if (args[0] === '--serve') {
  const server = await serve(output, port);
  console.log(`serving ${server.url} until you press Ctrl+C`);
}
