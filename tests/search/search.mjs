// Runs batches of targets in turn until the time is over, and adds up what became of them.

import { LARGEST_SEED } from './arguments.mjs';
import { runBatch } from './batch.mjs';

const ROUNDS = 8;
/** Lines of a failed batch that are shown. */
const LINES = 60;

/** A search over targets, which ends after `minutes`. `keep(name, seed)` is called for each batch that failed. */
export class Search {
  #minutes;
  #seed;
  #keep;
  #results;

  constructor({ minutes, seed, targets, keep }) {
    this.#minutes = minutes;
    this.#seed = seed;
    this.#keep = keep;
    this.#results = targets.map((target) => ({ target, batches: 0, seconds: 0, failed: [] }));
    console.log(`searching for ${minutes} minutes from seed ${seed}: ${targets.map(({ name }) => name).join(', ')}`);
  }

  /** Gives each target an equal share of each round, and at least one batch. */
  async run() {
    const turn = (this.#minutes * 60) / ROUNDS / this.#results.length;
    const end = performance.now() + this.#minutes * 60_000;
    do {
      for (const result of this.#results) {
        if (result.batches === 0 || performance.now() < end) await this.#turn(result, turn);
      }
    } while (performance.now() < end);
  }

  async #turn(result, seconds) {
    const begun = performance.now();
    const elapsed = () => (performance.now() - begun) / 1_000;
    const { target } = result;
    if (target.runsFor !== undefined) {
      await this.#batch(result, target.runsFor(Math.max(1, Math.round(seconds))));
    } else {
      do {
        const seed = this.#seed;
        this.#seed = (seed + 1) % (LARGEST_SEED + 1);
        await this.#batch(result, target.batch(seed), seed);
      } while (elapsed() < seconds);
    }
    result.seconds += elapsed();
    const { batches, failed } = result;
    console.log(`${target.name}: ${batches} batches, ${failed.length} failed, ${result.seconds.toFixed(0)} s`);
  }

  async #batch(result, batch, seed) {
    const { passed, output } = await runBatch(batch);
    result.batches += 1;
    if (passed) return;
    const { name } = result.target;
    result.failed.push(seed ?? 'see tests/fuzz/corpus.txt');
    if (seed !== undefined) this.#keep(name, seed);
    const repeat = Object.entries(batch.env).map(([variable, value]) => `${variable}=${value}`);
    console.log(`\n✗ ${name} failed; again: ${[...repeat, ...batch.command].join(' ')}\n`);
    console.log(`${output.trimEnd().split('\n').slice(-LINES).join('\n')}\n`);
  }

  /** Prints one line for each target. Returns the exit status. */
  report() {
    for (const { target, batches, seconds, failed } of this.#results) {
      const seeds = failed.length === 0 ? 'none failed' : `failed: ${failed.join(', ')}`;
      console.log(
        `${target.name.padEnd(10)} ${String(batches).padStart(6)} batches ${seconds.toFixed(0).padStart(7)} s  ${seeds}`,
      );
    }
    return this.#results.every(({ failed }) => failed.length === 0) ? 0 : 1;
  }
}
