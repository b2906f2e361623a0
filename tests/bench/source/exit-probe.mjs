// Makes one call through the contender named on the command line, says so, and ends when Node.js lets it.

import { writeSync } from 'node:fs';
import { contenders } from './contenders/index.mjs';

const contender = contenders.find(({ name }) => name === process.argv[2]);
const fn = async () => 1;
if (contender !== undefined) {
  await contender.load();
  await contender.call(contender.make(fn, { circuit: 'standard' }), fn);
}
writeSync(1, 'settled');
