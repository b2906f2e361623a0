import { world } from '../../runs/world.ts';
import type { LeaseStore, StoredMessage } from 'fusewire/kit';
import type { Consumer, OperationContext, Queue } from 'fusewire/queue';
import { Random } from '../../storm/random.ts';
import { faulty } from './faulty-store.ts';
import type { Connection } from './faulty-store.ts';

/** Parts of the package that are simulated. */
export interface Parts {
  readonly MemoryQueueStore: new () => LeaseStore;
  queueOver(store: LeaseStore): Queue<string>;
}

const TOPIC = 'simulated';
const LEASE = 1_000;
const OPTIONS = {
  topic: TOPIC,
  concurrency: 2,
  leaseTime: LEASE,
  pollInterval: 100,
  retryDelay: 50,
  maxRetryDelay: 200,
  maxAttempts: 1_000,
};
const STEPS = 80;
/** Milliseconds within which everything is done after the last fault: longer than every wait of a consumer. */
const END = 300_000;

/** A process with a consumer. */
interface Process extends Connection {
  readonly id: number;
  /** Leases of its latest claims, by the key of the message. */
  readonly leases: Map<string, { readonly id: string; readonly token: string }>;
  /** Time until which answers of a faulty connection may be missing. */
  faultyUntil: number;
  readonly queue: Queue<string>;
  readonly consumer: Consumer;
  isClosing: boolean;
}

/** Run of an operation. */
interface Run {
  readonly process: Process;
  readonly key: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  isOpen: boolean;
  /** Whether the process was suspended during the run, so that its lease may be over. */
  wasSuspended: boolean;
}

/** Processes with consumers on a scheduler of their own, over a store in memory whose connections fail. */
export class Simulation {
  readonly faults: string[] = [];
  readonly steps: string[] = [];
  readonly #parts: Parts;
  readonly #random: Random;
  readonly #store: LeaseStore;
  readonly #processes: Process[] = [];
  readonly #runs: Run[] = [];
  readonly #acknowledged = new Set<string>();
  readonly #succeeded = new Set<string>();
  readonly #reported = new Set<string>();
  /** Attempt of the latest lease of each message. */
  readonly #attempts = new Map<string, number>();
  /** Whether every operation fails. */
  #isDown = false;
  #keys = 0;

  constructor(parts: Parts, seed: number) {
    this.#parts = parts;
    this.#random = new Random(seed);
    this.#store = new parts.MemoryQueueStore();
    Math.random = () => this.#random.next();
  }

  get runs(): number {
    return this.#runs.length;
  }

  async run(): Promise<void> {
    this.#start();
    this.#start();
    for (let step = 0; step < STEPS && this.faults.length === 0; step++) await this.#step();
    for (const process of this.#processes) {
      if (process.faults > 0) process.faultyUntil = world.now + 5 * LEASE;
      process.faults = 0;
      if (process.consumer.getStats().state === 'paused') process.consumer.resume();
    }
    this.#isDown = false;
    // After the last fault, the processes that are left must do everything by themselves.
    if (this.#living().length === 0) this.#start();
    await this.#passUntilEmpty();
    await this.#check();
    for (const process of this.#living()) process.isAlive = false;
    world.clear();
  }

  fault(text: string): void {
    this.faults.push(text);
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const process = random.pick(this.#processes);
    const choice = random.next();
    if (choice < 0.4) this.#enqueue(process);
    else if (choice < 0.7) await this.#note(`${LEASE / 2} ms at most pass`, () => this.#pass(random.below(LEASE / 2)));
    else if (choice < 0.76) await this.#suspend();
    else if (choice < 0.84) {
      process.faults = random.pick([0, 0.1, 0.5, 1]);
      process.faultyUntil = world.now + 5 * LEASE;
      this.steps.push(`connection ${process.id} fails with ${process.faults}`);
    } else if (choice < 0.88) this.#crash(process);
    else if (choice < 0.9) this.#close(process);
    else if (choice < 0.94) await this.#steal();
    else if (choice < 0.97) {
      this.#isDown = !this.#isDown;
      this.steps.push(`operations ${this.#isDown ? 'fail' : 'succeed again'}`);
    } else if (random.chance(0.5)) process.consumer.pause();
    else process.consumer.resume({ gradually: random.chance(0.5) });
    if (this.#living().length < 2) this.#start();
    await world.settle();
  }

  async #note(step: string, work: () => Promise<void>): Promise<void> {
    this.steps.push(step);
    await work();
  }

  #start(): void {
    const id = this.#processes.length;
    const connection = { id, isAlive: true, isClosing: false, faults: 0, faultyUntil: 0, leases: new Map() };
    const recorded = this.#recorded((messages, token) => this.#claimed(process, messages, token));
    const queue = this.#parts.queueOver(faulty(recorded, connection, this.#random));
    const consumer = queue.consume(OPTIONS, (key, context) => this.#operate(process, key, context));
    const process: Process = Object.assign(connection, { queue, consumer });
    consumer.on('fault', () => undefined);
    consumer.on('done', ({ key }) => this.#reported.add(key));
    consumer.on('buried', ({ key, error }) => this.fault(`${key} was buried: ${String(error)}`));
    this.#processes.push(process);
    this.steps.push(`process ${id} starts`);
  }

  /** Returns the store, with a listener for its claims. */
  #recorded(claimed: (messages: readonly StoredMessage[], token: string) => void): LeaseStore {
    const store = this.#store;
    const claim = async (...args: Parameters<LeaseStore['claim']>) => {
      const messages = await store.claim(...args);
      claimed(messages, args[2]);
      return messages;
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'claim') return claim;
        const member = Reflect.get(target, name) as unknown;
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }

  #claimed(process: Process, messages: readonly StoredMessage[], token: string): void {
    for (const { id, key, attempts } of messages) {
      this.#attempts.set(key, attempts);
      process.leases.set(key, { id, token });
      const own = this.#runs.find((run) => run.process === process && run.key === key && run.isOpen);
      if (own === undefined || own.signal.aborted || this.#mayMissAnswers(process)) continue;
      this.fault(`process ${process.id} claims ${key}, which it runs`);
    }
  }

  #living(): Process[] {
    return this.#processes.filter(({ isAlive, isClosing }) => isAlive && !isClosing);
  }

  #enqueue(process: Process): void {
    const key = `key ${++this.#keys}`;
    const delay = this.#random.chance(0.2) ? this.#random.below(LEASE) : 0;
    this.steps.push(`process ${process.id} enqueues ${key}`);
    process.queue.enqueue({ key, payload: key, topic: TOPIC, delay }).then(
      () => this.#acknowledged.add(key),
      () => undefined,
    );
  }

  #operate(process: Process, key: string, { attempt, signal }: OperationContext): Promise<void> {
    this.steps.push(`process ${process.id} begins ${key}, attempt ${attempt}`);
    const run: Run = { process, key, attempt, signal, isOpen: true, wasSuspended: false };
    for (const other of this.#runs.filter((each) => each.key === key)) this.#compare(other, run);
    this.#runs.push(run);
    if ((this.#attempts.get(key) ?? 0) > attempt) this.fault(`${key} begins under an earlier lease`);
    const fails = this.#isDown || this.#random.chance(0.2);
    const endsWithSignal = this.#random.chance(0.5);
    const length = this.#random.chance(0.2) ? this.#random.below(3 * LEASE) : this.#random.below(100);
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        if (!run.isOpen || !process.isAlive) return;
        run.isOpen = false;
        act();
      };
      if (endsWithSignal) signal.addEventListener('abort', () => end(() => reject(signal.reason as Error)));
      setTimeout(
        () =>
          end(() => {
            if (fails) return reject(new Error('down'));
            this.#succeeded.add(key);
            resolve();
          }),
        length,
      );
    });
  }

  /** Compares a run that begins with an earlier one of the message. */
  #compare(earlier: Run, run: Run): void {
    const { key, attempt } = run;
    const wasReleased = earlier.process.isClosing;
    if (earlier.attempt === attempt && !wasReleased) this.fault(`attempt ${attempt} of ${key} began twice`);
    // Only a process that was suspended can miss the end of its lease.
    const isUnderWay = earlier.isOpen && earlier.process.isAlive && !earlier.signal.aborted;
    if (isUnderWay && !earlier.wasSuspended) this.fault(`${key} runs twice at once`);
    if (this.#reported.has(key) && !earlier.wasSuspended) this.fault(`${key} runs after it was done`);
  }

  /** Lets time pass without a timer, as while these processes are suspended. Then another one may come first. */
  async #suspend(): Promise<void> {
    const late = this.#random.below(3 * LEASE);
    this.steps.push(`everything stands still for ${late} ms`);
    for (const run of this.#runs) if (run.isOpen) run.wasSuspended = true;
    world.standStill(late);
    if (this.#random.chance(0.5)) await this.#steal();
    world.fireTimer();
  }

  #crash(process: Process): void {
    process.isAlive = false;
    this.steps.push(`process ${process.id} crashes`);
  }

  #close(process: Process): void {
    process.isClosing = true;
    this.steps.push(`process ${process.id} closes`);
    process.consumer.close({ timeout: this.#random.below(LEASE) }).then(
      () => this.#closed(process),
      (error: unknown) => this.fault(`close() rejected with ${String(error)}`),
    );
  }

  #mayMissAnswers({ faults, faultyUntil }: Process): boolean {
    return faults > 0 || world.now < faultyUntil;
  }

  async #closed(process: Process): Promise<void> {
    const hasCrashed = !process.isAlive;
    process.isAlive = false;
    if (hasCrashed || this.#mayMissAnswers(process)) return;
    for (const [key, { id, token }] of process.leases) {
      if (await this.#store.extend(id, token, LEASE)) this.fault(`${key} is leased after close()`);
    }
  }

  /** Another process takes a message, and dies. */
  async #steal(): Promise<void> {
    const [message] = await this.#store.claim(TOPIC, 1, `other ${this.steps.length}`, LEASE / 2);
    this.steps.push(`another process takes ${message?.key ?? 'nothing'}, and dies`);
  }

  async #pass(milliseconds: number): Promise<void> {
    const end = world.now + milliseconds;
    await world.settle();
    while ((world.nextDue ?? Infinity) <= end && this.faults.length === 0) {
      world.fireTimer();
      await world.settle();
    }
    world.pass(end - world.now);
  }

  async #passUntilEmpty(): Promise<void> {
    const end = world.now + END;
    do await this.#pass(5 * LEASE);
    while (world.now < end && (await this.#store.size(undefined)).oldestAge !== null && this.faults.length === 0);
  }

  async #check(): Promise<void> {
    const { waiting, running, dead } = await this.#store.size(undefined);
    if (waiting + running + dead > 0) this.fault(`left: ${waiting} waiting, ${running} running, ${dead} dead`);
    for (const key of this.#acknowledged) if (!this.#succeeded.has(key)) this.fault(`${key} was never done`);
  }
}
