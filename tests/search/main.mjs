// Random search: runs batches of every target in turn, with new seeds, until the time is over. A batch that fails is kept in
// corpus.json, which `npm test` replays; the search goes on, and ends with status 1.
//
//   npm run search -- --minutes N [--seed N] [--target NAME]…

import process from 'node:process';
import { parseArguments, usage } from './arguments.mjs';
import { keep } from './corpus.mjs';
import { Search } from './search.mjs';
import { targetNamed } from './targets.mjs';

process.exitCode = await main();

async function main() {
  let options;
  try {
    options = parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const search = new Search({ ...options, targets: options.targets.map(targetNamed), keep });
  await search.run();
  return search.report();
}
