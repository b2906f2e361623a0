import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const CALL_MS = 20;
const FAILING_OF_10 = 3;

/**
 * A service under load: so many calls a second of 20 ms each, 30 % of them failing, the circuit closed all the while.
 * @param {import('../contenders/index.mjs').Contender | undefined} contender loaded; undefined for bare calls
 * @param {{ callsPerSecond: number, warmUpSeconds: number, seconds: number }} task
 */
export async function measureService(contender, task) {
  const load = new Load(contender, task.callsPerSecond);
  load.start();
  await sleep(task.warmUpSeconds * 1_000);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const { started, reached } = load;
  const wall = performance.now();
  const cpu = process.cpuUsage();
  delay.enable();
  await sleep(task.seconds * 1_000);
  delay.disable();
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - wall) / 1_000;
  const result = {
    cpuMsPerSecond: (used.user + used.system) / 1_000 / seconds,
    loopP99Ms: delay.percentile(99) / 1e6,
    loopMaxMs: delay.max / 1e6,
    callsPerSecond: (load.reached - reached) / seconds,
  };
  const rejected = load.started - started - (load.reached - reached);
  load.stop();
  if (rejected > 0) throw new Error(`${rejected} calls did not reach fn: the circuit was to stay closed`);
  return result;
}

class Load {
  started = 0;
  reached = 0;
  #call;
  #perMillisecond;
  #timer;
  #begin = 0;

  constructor(contender, callsPerSecond) {
    const error = new Error('the dependency failed');
    const fn = () => {
      const fails = this.reached++ % 10 < FAILING_OF_10;
      return new Promise((resolve, reject) => {
        setTimeout(() => (fails ? reject(error) : resolve(1)), CALL_MS);
      });
    };
    const breaker = contender?.make(fn, { circuit: 'neverOpens' });
    this.#call = contender === undefined ? fn : () => contender.call(breaker, fn);
    this.#perMillisecond = callsPerSecond / 1_000;
  }

  start() {
    const ignore = () => undefined;
    this.#begin = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor((performance.now() - this.#begin) * this.#perMillisecond);
      while (this.started < due) {
        this.started++;
        this.#call().then(ignore, ignore);
      }
    }, 1);
  }

  stop() {
    clearInterval(this.#timer);
  }
}
