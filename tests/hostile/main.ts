// Sends hostile requests to the management API, and checks that no answer is an error of its own.
//
//   npm run hostile -- [number of requests, default 1 000 000] [seed]

import process from 'node:process';
import { attack } from './attack.ts';

const ROUND = 20_000;

const [total, seed] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 1)];
if (!Number.isInteger(total) || total < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run hostile -- [number of requests] [seed]');
  process.exit(2);
}
const all = new Map<string, number>();
const start = performance.now();
for (let sent = 0, round = seed; sent < total; sent += ROUND, round++) {
  for (const [status, count] of await attack(round, Math.min(ROUND, total - sent)))
    all.set(status, (all.get(status) ?? 0) + count);
}
for (const [status, count] of [...all].sort()) console.log(`${status.padEnd(12)} ${count}`);
console.log(`${total} requests in ${Math.round((performance.now() - start) / 1_000)} s, no answer of 500 or above`);
