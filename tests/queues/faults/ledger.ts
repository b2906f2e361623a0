/** Ledger of a campaign: a file to which all processes append, and the judgement of it. */
import { openSync, readFileSync, writeSync } from 'node:fs';

/** Milliseconds of a lease of the workers. */
export const LEASE_TIME = 500;

/** Step of a message, or fault of the worker `key`. */
export type Step = 'enqueue' | 'acknowledged' | 'begin' | 'end' | 'fail' | 'done' | 'lost' | 'fault';

/** Opens a ledger for appending. The lines of all processes are in the order in which they were written. */
export function appendTo(file: string) {
  const handle = openSync(file, 'a');
  const now = () => Math.round(Number(process.hrtime.bigint() / 1_000n) / 1_000);
  return {
    write(step: Step, key: string, life: string, attempt: number): void {
      writeSync(handle, `${now()} ${process.pid} ${step} ${key} ${life} ${attempt}\n`);
    },
  };
}

/** Run of an operation. */
interface Run {
  readonly pid: number;
  readonly at: number;
  readonly attempt: number;
  isOpen: boolean;
}

/** One message: the call of `enqueue` that has added it, its runs, and whether the store has taken its completion. */
interface Life {
  runs: Run[];
  hasEnded: boolean;
  isDone: boolean;
}

/** Result of a campaign, by its ledger. */
export interface Judgement {
  /** Operations whose `enqueue` has resolved. */
  readonly acknowledged: number;
  /** Runs of operations. */
  readonly runs: number;
  /** Runs after the first one of a message that was not known to have failed. */
  readonly again: number;
  /** Runs that began while another run of the message was under way, which had lost its lease. */
  readonly overlapping: number;
  /** Runs that began after a later lease: their process had been stopped since the claim. */
  readonly late: number;
  /** Messages that were added a second time, by a connection that has sent `enqueue` again because its answer was lost. */
  readonly resent: number;
  /** Acknowledged operations that were never done. */
  readonly lost: readonly string[];
  /** Runs that no lease allows. */
  readonly violations: readonly string[];
}

/**
 * Judges a ledger. Each run must have a lease of its own: no attempt of a message begins twice, none begins after the store has
 * taken the completion, and none within half a lease of another one that is under way.
 *
 * @param leasesHold whether a lease never ends early, as it does when the wall clock is set forward.
 * @param mayResend whether connections send a request again whose answer was lost.
 */
export function judge(file: string, leasesHold: boolean, mayResend: boolean): Judgement {
  const lives = new Map<string, Life>();
  const acknowledged = new Set<string>();
  const ended = new Set<string>();
  const killed = new Set<number>();
  const violations: string[] = [];
  const counts = { runs: 0, again: 0, overlapping: 0, late: 0, resent: 0 };
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const [at, pid, step, key, name, attempt] = line.split(' ') as [string, string, Step, string, string, string];
    if (step === 'fault') {
      if (name === 'killed') killed.add(Number(key));
      continue;
    }
    if (step === 'acknowledged') acknowledged.add(key);
    if (step === 'enqueue') lives.set(`${key} ${name}`, { runs: [], hasEnded: false, isDone: false });
    if (step === 'enqueue' || step === 'acknowledged') continue;
    const life = lives.get(`${key} ${name}`);
    if (life === undefined) violations.push(`${key} runs, and was not enqueued: ${line}`);
    else if (step === 'begin')
      begin(life, { pid: Number(pid), at: Number(at), attempt: Number(attempt), isOpen: true }, key);
    else {
      if (step === 'end') ended.add(key);
      if (step === 'done') life.isDone = true;
      const run = life.runs.findLast((each) => each.pid === Number(pid) && each.attempt === Number(attempt));
      if (run !== undefined) run.isOpen = false;
      if (step === 'end') life.hasEnded = true;
    }
  }

  function begin(life: Life, run: Run, key: string): void {
    counts.runs++;
    if (mayResend && run.attempt === 1 && life.isDone) {
      counts.resent++;
      Object.assign(life, { runs: [], hasEnded: false, isDone: false });
    }
    if (life.runs.some(({ attempt }) => attempt === run.attempt)) {
      violations.push(`attempt ${run.attempt} of ${key} began twice`);
    }
    if (life.runs.some(({ attempt }) => attempt > run.attempt)) counts.late++;
    else if (life.isDone) violations.push(`${key} began after it was done, with attempt ${run.attempt}`);
    if (life.hasEnded) counts.again++;
    const open = life.runs.filter((each) => each.isOpen && !killed.has(each.pid));
    if (open.length > 0) counts.overlapping++;
    if (leasesHold && open.some(({ at }) => run.at - at < LEASE_TIME / 2)) {
      violations.push(
        `attempts ${open.map(({ attempt }) => attempt).join(', ')} and ${run.attempt} of ${key} ran at once`,
      );
    }
    life.runs.push(run);
  }

  const lost = [...acknowledged].filter((key) => !ended.has(key));
  return { acknowledged: acknowledged.size, ...counts, lost, violations };
}
