import { performance } from 'node:perf_hooks';
import { expectEqual, Work } from './work.mjs';

/**
 * Task of a timed case, as the measuring process receives it.
 * @typedef {object} TimedTask
 * @property {'oneByOne' | 'caught' | 'byStatus' | 'inFlight' | 'roundRobin'} loop
 * @property {'success' | 'failure'} outcome of the function under the breaker
 * @property {'standard' | 'neverOpens' | 'staysOpen'} circuit
 * @property {number} [window] size of a count window
 * @property {number} [width] calls in flight (inFlight) or breakers (roundRobin)
 * @property {number} loopMs how long one timed loop lasts, milliseconds
 * @property {number} warmUpMs how long each loop runs before the first sample
 */

/**
 * Makes the breakers, brings the circuit into its state, warms up.
 * @param {import('../contenders/index.mjs').Contender} contender loaded
 * @param {TimedTask} task
 * @returns {Promise<() => Promise<import('../statistics.mjs').Sample>>} takes one sample
 */
export async function prepareTimed(contender, task) {
  const contenderLoop = await makeContenderLoop(contender, task);
  const bareLoop = await makeBareLoop(task);
  await contenderLoop.warmUp(task.warmUpMs);
  await bareLoop.warmUp(task.warmUpMs);
  return async () => {
    const bareBefore = await bareLoop.time(task.loopMs);
    const contenderTime = await contenderLoop.time(task.loopMs);
    const bareAfter = await bareLoop.time(task.loopMs);
    return { bareBefore, contender: contenderTime, bareAfter };
  };
}

async function makeContenderLoop(contender, task) {
  const loops = await import('./loops.mjs?contender');
  const work = new Work(task.circuit === 'staysOpen' ? 'failure' : task.outcome);
  const wish = { circuit: task.circuit, window: task.window };
  const call = task.loop === 'byStatus' ? contender.callForStatus : contender.call;
  const count = task.loop === 'roundRobin' ? task.width : 1;
  const breakers = Array.from({ length: count }, () => contender.make(work.fn, wish));
  if (task.circuit === 'staysOpen') await open(contender, breakers[0], work);
  const target = task.loop === 'roundRobin' ? breakers : breakers[0];
  return new Loop(work, task, (chunk) => loops[task.loop](call, target, work.fn, chunk, pendingOf(task)));
}

/** The same loop with nothing in between; a rejected call has no bare counterpart and stands beside a bare success. */
async function makeBareLoop(task) {
  const loops = await import('./loops.mjs?bare');
  const rejecting = task.circuit === 'staysOpen';
  const work = new Work(rejecting ? 'success' : task.outcome);
  const loop = rejecting || task.loop === 'roundRobin' ? 'oneByOne' : task.loop;
  const bareTask = { ...task, loop, outcome: rejecting ? 'success' : task.outcome, circuit: 'standard' };
  const bare = (breaker, fn) => fn();
  return new Loop(work, bareTask, (chunk) => loops[loop](bare, undefined, work.fn, chunk, pendingOf(task)));
}

/** A multiple of 16, which is the period of failures, that fills the calls in flight or visits every breaker. */
function smallestChunk(task) {
  const width = task.loop === 'inFlight' || task.loop === 'roundRobin' ? task.width : 1;
  return width % 16 === 0 ? width : width * 16;
}

function pendingOf(task) {
  return task.loop === 'inFlight' ? new Array(task.width).fill(undefined) : undefined;
}

/** Calls until the circuit opens: three calls in a row that do not reach fn. */
async function open(contender, breaker, work) {
  let rejections = 0;
  for (let attempt = 0; attempt < 10_000 && rejections < 3; attempt++) {
    const before = work.calls;
    await contender.call(breaker, work.fn).then(undefined, () => undefined);
    rejections = work.calls === before ? rejections + 1 : 0;
  }
  expectEqual(`rejections in a row of ${contender.name}`, rejections, 3);
}

/** Repeats a chunk of calls for a while, checks each, and says what one call took. */
class Loop {
  #chunk;
  #run;
  #work;
  #task;

  constructor(work, task, run) {
    this.#work = work;
    this.#task = task;
    this.#run = run;
    this.#chunk = smallestChunk(task);
  }

  async warmUp(milliseconds) {
    const end = performance.now() + milliseconds;
    do {
      const started = performance.now();
      await this.#once();
      const took = performance.now() - started;
      if (took < milliseconds / 200 && this.#chunk < 1 << 20) this.#chunk *= 2;
    } while (performance.now() < end);
  }

  /** @returns {Promise<number>} nanoseconds per call */
  async time(milliseconds) {
    const started = performance.now();
    let took = 0;
    let calls = 0;
    do {
      await this.#once();
      calls += this.#chunk;
      took = performance.now() - started;
    } while (took < milliseconds);
    return (took * 1e6) / calls;
  }

  async #once() {
    const before = this.#work.calls;
    const sum = await this.#run(this.#chunk);
    const rejecting = this.#task.circuit === 'staysOpen';
    expectEqual('calls of fn', this.#work.calls - before, rejecting ? 0 : this.#chunk);
    const succeeding = this.#task.outcome === 'success' ? this.#chunk : this.#chunk / 16;
    expectEqual('values returned', sum, rejecting ? 0 : succeeding);
  }
}
