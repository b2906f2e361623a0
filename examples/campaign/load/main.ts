// Runs 1 000 campaigns at once in each of five phases, with outages, and checks the figures of the document.
//
//   node load/main.ts [campaigns]
import { runLoad } from './load.ts';

const campaigns = Number(process.argv[2] ?? 1_000);
const figures = await runLoad({ campaigns, print: (line) => console.log(line) });
const { overhead, answer, recovery } = figures;
const slowest = Math.max(...Object.values(recovery));
const ms = (time: number) => `${time < 10 ? time.toFixed(3) : Math.round(time)} ms`;

const checks: readonly (readonly [text: string, isRight: boolean])[] = [
  [
    `${figures.submitted} campaigns: ${figures.doneAtOnce} done at once, ${figures.queuedAndDone} queued and then done`,
    figures.doneAtOnce + figures.queuedAndDone === figures.submitted,
  ],
  [`lost: ${figures.lost}`, figures.lost === 0],
  [
    `done twice: ${figures.twice} (${figures.repeats} repeated requests were absorbed by their keys)`,
    figures.twice === 0,
  ],
  [`commits without an answer: ${figures.lostCommits}, none run again`, figures.lostCommits > 0],
  [`overhead of a call: p50 ${ms(overhead.p50)}, p99 ${ms(overhead.p99)}, of ${overhead.calls}`, overhead.p99 < 1],
  [`answer to a client: p50 ${ms(answer.p50)}, p95 ${ms(answer.p95)}, p99 ${ms(answer.p99)}`, answer.p95 < 2_000],
  [`throughput: ${figures.perMinute} campaigns a minute`, figures.perMinute > 1_000],
  [
    `openings: ${figures.openings}, false ones: ${figures.falseOpenings.length} ${figures.falseOpenings.join(', ')}`,
    figures.falseOpeningRate < 0.001,
  ],
  [
    `recovery after the return: ${Object.entries(recovery)
      .map(([name, time]) => `${name} ${ms(time)}`)
      .join(', ')}`,
    slowest < 10_000,
  ],
];
for (const [text, isRight] of checks) console.log(`  ${isRight ? '✓' : '✗'} ${text}`);
process.exitCode = checks.every(([, isRight]) => isRight) ? 0 : 1;
