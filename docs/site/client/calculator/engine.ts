/** Has a scenario run in a thread of its own; a new one replaces one that still runs. */
import type { Scenario } from './simulation.ts';
import type { Answer } from './worker.ts';

/** The script of the thread, put here by the builder: a page opened from a disk may not load workers. */
declare const WORKER_SCRIPT: string;

const address = URL.createObjectURL(new Blob([WORKER_SCRIPT], { type: 'text/javascript' }));
let present: Worker | undefined;

export function run(scenario: Scenario, done: (answer: Answer) => void): void {
  present?.terminate();
  const worker = new Worker(address);
  present = worker;
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    worker.terminate();
    done(data);
  });
  worker.postMessage(scenario);
}
