/** Phases of a campaign: two workers of a queue, and faults of one kind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueueSize } from 'fusewire/queue';
import { Random } from '../../storm/random.ts';
import type { Fault, OpenSubject, Subject } from '../subjects.ts';
import { appendTo, judge, LEASE_TIME } from './ledger.ts';
import type { Judgement } from './ledger.ts';
import { PARTITIONS, Proxy } from './proxy.ts';
import { WorkerProcess } from './worker-process.ts';

const WORKERS = ['a', 'b'];
/** Largest number of operations that a worker enqueues before a fault. */
const MOST_OPERATIONS = 20;
/** Longest time from the last of them to a kill, in milliseconds. */
const LONGEST_DELAY = 30;
/** Longest step of the clock, in milliseconds. */
const LONGEST_STEP = 3_600_000;
const SHIFTED_CLOCK = new URL('shifted-clock.mjs', import.meta.url).href;

/** Result of a phase. */
export interface PhaseResult extends Judgement {
  readonly fault: Fault;
  readonly count: number;
  readonly seconds: number;
  /** Longest time from the end of a fault to the next operation of the worker, in milliseconds. */
  readonly slowest: number;
  /** Messages that are left at the end. */
  readonly left: QueueSize | undefined;
}

/** Runs a phase with so many faults of one kind. */
export function runPhase(
  subject: Subject,
  store: OpenSubject,
  fault: Fault,
  count: number,
  seed: number,
): Promise<PhaseResult> {
  return new Phase(subject, store, fault, new Random(seed)).run(count);
}

class Phase {
  readonly #subject: Subject;
  readonly #store: OpenSubject;
  readonly #fault: Fault;
  readonly #random: Random;
  readonly #folder = mkdtempSync(join(tmpdir(), 'fusewire-faults-'));
  readonly #ledger;
  readonly #shift = join(this.#folder, 'shift');
  readonly #proxies = new Map<string, Proxy>();
  #slowest = 0;

  constructor(subject: Subject, store: OpenSubject, fault: Fault, random: Random) {
    this.#subject = subject;
    this.#store = store;
    this.#fault = fault;
    this.#random = random;
    this.#ledger = appendTo(this.#file);
    this.#setClock(0);
  }

  async run(count: number): Promise<PhaseResult> {
    const start = performance.now();
    if (this.#fault === 'partitions') {
      for (const who of WORKERS) this.#proxies.set(who, await Proxy.to(this.#store.port as number));
    }
    try {
      if (this.#fault === 'kills') await this.#kill(count);
      else await this.#disturb(count);
      const left = await this.#finish();
      // Where the wall clock is the one of the leases, a step forward ends them.
      const mayResend = this.#subject.resends === true && ['crashes', 'partitions'].includes(this.#fault);
      const judgement = judge(this.#file, this.#fault !== 'clockSteps', mayResend);
      // The ledger stays where it shows something.
      if (judgement.lost.length + judgement.violations.length === 0) rmSync(this.#folder, { recursive: true });
      const seconds = (performance.now() - start) / 1_000;
      return { fault: this.#fault, count, seconds, slowest: this.#slowest, left, ...judgement };
    } finally {
      for (const proxy of this.#proxies.values()) proxy.close();
    }
  }

  get #file(): string {
    return join(this.#folder, 'ledger');
  }

  #worker(who: string, isLast = false): WorkerProcess {
    const { program, delaysByOwnClock = false } = this.#subject;
    const where = this.#store.where(isLast ? undefined : this.#proxies.get(who)?.port);
    const shim = this.#fault === 'clockSteps' ? ['--import', SHIFTED_CLOCK] : [];
    const args = [...shim, program, where, this.#folder, who, String(isLast)];
    const delay = delaysByOwnClock && this.#fault === 'clockSteps' ? '0' : '20';
    return new WorkerProcess(args, { FUSEWIRE_SHIFT: this.#shift, FUSEWIRE_RETRY_DELAY: delay });
  }

  async #kill(count: number): Promise<void> {
    let left = count;
    const killRepeatedly = async (who: string, random: Random) => {
      while (left-- > 0) {
        const worker = this.#worker(who);
        await worker.hasEnqueued(1 + random.below(MOST_OPERATIONS));
        await delay(random.between(0, LONGEST_DELAY));
        await worker.kill();
        this.#ledger.write('fault', String(worker.pid), 'killed', 0);
      }
    };
    await Promise.all(WORKERS.map((who) => killRepeatedly(who, this.#random.fork())));
  }

  /** Lets two workers run, and disturbs them so many times. After each fault a worker that was disturbed must go on. */
  async #disturb(count: number): Promise<void> {
    const workers = new Map(WORKERS.map((who) => [who, this.#worker(who)]));
    for (let index = 0; index < count; index++) {
      const disturbed = this.#random.chance(0.3) ? WORKERS : [this.#random.pick(WORKERS)];
      for (const worker of workers.values()) await worker.hasEnqueued(1 + this.#random.below(MOST_OPERATIONS));
      this.#ledger.write('fault', disturbed.join(''), this.#fault, index);
      await this.#disturbOnce(index, disturbed, workers);
      const end = performance.now();
      await Promise.all([...workers.values()].map((worker) => worker.hasRun(1)));
      this.#slowest = Math.max(this.#slowest, performance.now() - end);
    }
    if (this.#store.queue === undefined) {
      for (const worker of workers.values()) worker.finish();
      for (const worker of workers.values()) await worker.ended();
      return;
    }
    for (const worker of workers.values()) {
      await worker.kill();
      this.#ledger.write('fault', String(worker.pid), 'killed', 0);
    }
  }

  async #disturbOnce(
    index: number,
    disturbed: readonly string[],
    workers: ReadonlyMap<string, WorkerProcess>,
  ): Promise<void> {
    const duration = LEASE_TIME * this.#random.between(0.6, 2.5);
    switch (this.#fault) {
      case 'crashes':
        return this.#store.crash?.();
      case 'stops': {
        const stopped = disturbed.map((who) => workers.get(who) as WorkerProcess);
        for (const worker of stopped) worker.stop();
        await delay(LEASE_TIME + duration);
        for (const worker of stopped) worker.continue();
        return;
      }
      case 'partitions': {
        const partition = PARTITIONS[index % PARTITIONS.length] as (typeof PARTITIONS)[number];
        const lag = partition === 'slow' ? this.#random.between(20, LEASE_TIME / 4) : 0;
        await Promise.all(disturbed.map((who) => this.#proxies.get(who)?.fail(partition, duration, lag)));
        return;
      }
      case 'locks': {
        const unlock = this.#store.lock?.();
        await delay(duration);
        return unlock?.();
      }
      case 'clockSteps':
        return this.#setClock(this.#random.between(-LONGEST_STEP, LONGEST_STEP));
      case 'kills':
    }
  }

  /** Lets new workers do what is left, and returns what then is. */
  async #finish(): Promise<QueueSize | undefined> {
    if (this.#store.queue === undefined) return undefined;
    for (const who of WORKERS) await this.#worker(who, true).ended();
    const queue = this.#store.queue();
    const left = await queue.size();
    await queue.close();
    return left;
  }

  #setClock(shift: number): void {
    writeFileSync(this.#shift, String(Math.round(shift)).padEnd(20));
  }
}

/** Returns why a phase has failed; an empty list if it has not. */
export function problemsOf({ lost, violations, left, acknowledged, count }: PhaseResult): string[] {
  const problems = [...lost.map((key) => `${key} is lost`), ...violations];
  const { waiting = 0, running = 0, dead = 0 } = left ?? {};
  if (waiting + running + dead > 0) problems.push(`left: ${JSON.stringify(left)}`);
  if (acknowledged < count) problems.push(`only ${acknowledged} operations`);
  return problems;
}
