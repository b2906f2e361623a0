// Kills processes that record events, as often as is asked, and reports what was lost.
//
//   npm run kills:events [-- KILLS [SEED]]    200 kills by default
import process from 'node:process';
import { killWriters } from './kills.ts';

const [kills = 200, seed = 20_261_201] = process.argv.slice(2).map(Number);
const { lost, ...report } = await killWriters(kills, seed);
console.log({ ...report, lost: lost.length });
if (lost.length > 0 || report.repeated > 0 || report.segments > 0) process.exitCode = 1;
