/** Runs scenarios in a worker. A new scenario replaces one that still runs. */
import type { Scenario } from './simulation.ts';
import type { Answer } from './worker.ts';

/** Source of the worker, defined at build time: a page opened from a disk may not load workers. */
declare const WORKER_SCRIPT: string;

const address = URL.createObjectURL(new Blob([WORKER_SCRIPT], { type: 'text/javascript' }));
let current: Worker | undefined;

/** Simulates `scenario` and passes the answer to `done`, unless another scenario comes first. */
export function run(scenario: Scenario, done: (answer: Answer) => void): void {
  current?.terminate();
  const worker = new Worker(address);
  current = worker;
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    worker.terminate();
    done(data);
  });
  worker.postMessage(scenario);
}
