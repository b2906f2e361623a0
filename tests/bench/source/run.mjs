import { availableParallelism } from 'node:os';
import { measureCore } from './core.mjs';
import { MeasuringProcess } from './process.mjs';
import { rowOf } from './rows.mjs';
import { measureExit, measureImport } from './spawned.mjs';
import { median, shuffled, summarize } from './statistics.mjs';

/**
 * @typedef {object} Settings
 * @property {string} node path of the binary to measure on
 * @property {readonly string[]} nodeFlags for every measuring process
 * @property {number} launches how often each interleaved process is started anew
 * @property {number} rounds samples per launch
 */

/**
 * @param {import('./cases.mjs').Case} benchCase
 * @param {Settings} settings
 * @returns {Promise<import('./rows.mjs').Row[]>}
 */
export function runCase(benchCase, settings) {
  switch (benchCase.kind) {
    case 'interleaved':
      return runInterleaved(benchCase, settings);
    case 'alone':
      return runAlone(benchCase, settings);
    case 'together':
      return runTogether(benchCase, settings);
    case 'spawned':
      return benchCase.name === 'exit' ? measureExit(benchCase, settings) : measureImport(benchCase, settings);
    default:
      return measureCore(benchCase);
  }
}

/** All processes alive at once; in every round each gives one sample, in random order, while the others wait. */
async function runInterleaved(benchCase, settings) {
  const results = benchCase.subjects.map((subject) => ({ subject, samples: [], unavailable: undefined }));
  for (let launch = 0; launch < settings.launches; launch++) {
    const alive = [];
    try {
      const waiting = shuffled(results.filter((each) => each.unavailable === undefined));
      const warmUp = async () => {
        for (let result = waiting.pop(); result !== undefined; result = waiting.pop()) {
          const child = startProcess(benchCase, result.subject, settings);
          alive.push({ child, result });
          result.unavailable = (await child.ask({ task: taskOf(benchCase, result.subject) }))?.unavailable;
        }
      };
      await Promise.all(Array.from({ length: availableParallelism() }, warmUp));
      const ready = alive.filter(({ result }) => result.unavailable === undefined);
      for (let round = 0; round < settings.rounds; round++) {
        for (const { child, result } of shuffled(ready)) result.samples.push(await child.ask({ sample: true }));
      }
    } finally {
      await Promise.all(alive.map(({ child }) => child.end()));
    }
  }
  return results.map(({ subject, samples, unavailable }) => ({
    ...rowOf(benchCase, subject),
    ...(unavailable === undefined ? summarize(samples) : { unavailable }),
  }));
}

/** One process after the other, in random order, each as often as the case asks; every value is the median. */
async function runAlone(benchCase, settings) {
  const results = benchCase.subjects.map((subject) => ({ subject, answers: [] }));
  for (let round = 0; round < (benchCase.task.rounds ?? 1); round++) {
    for (const result of shuffled(results)) {
      result.answers.push(await askOnce(benchCase, result.subject, settings));
    }
  }
  return results.map(({ subject, answers }) => ({ ...rowOf(benchCase, subject), ...mediansOf(answers) }));
}

/** All at once, each in as many processes as the case asks for rounds; every value is the median. */
async function runTogether(benchCase, settings) {
  return Promise.all(
    benchCase.subjects.map(async (subject) => {
      const processes = Array.from({ length: benchCase.task.rounds ?? 1 }, () => askOnce(benchCase, subject, settings));
      return { ...rowOf(benchCase, subject), ...mediansOf(await Promise.all(processes)) };
    }),
  );
}

/** A contender that drowns in its task is a result, not the end of the run. */
async function askOnce(benchCase, subject, settings) {
  const child = startProcess(benchCase, subject, settings);
  try {
    return await child.ask({ task: taskOf(benchCase, subject) }, 60_000);
  } catch (error) {
    if (/no answer within/.test(error.message)) return { unavailable: 'no answer within 60 s' };
    throw error;
  } finally {
    await child.end();
  }
}

function mediansOf(answers) {
  const unavailable = answers.find((answer) => answer.unavailable !== undefined);
  if (unavailable !== undefined) return unavailable;
  return Object.fromEntries(Object.keys(answers[0]).map((key) => [key, median(answers.map((answer) => answer[key]))]));
}

function startProcess(benchCase, subject, settings) {
  return new MeasuringProcess({
    node: settings.node,
    nodeFlags: [...settings.nodeFlags, ...(benchCase.nodeFlags ?? [])],
    label: `${benchCase.name}, ${subject.contender ?? 'bare'}`,
  });
}

function taskOf(benchCase, subject) {
  return { ...benchCase.task, ...subject.task, contender: subject.contender };
}
