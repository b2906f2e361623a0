import { COMMANDS } from './commands.ts';
import type { Command } from './commands.ts';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import type { Fusewire } from './target.ts';
import { Mark } from './program.ts';
import type { Program, Subject, Observer } from './program.ts';
import { world } from './world.ts';

const owner = new AsyncLocalStorage<number>();

/** Event after which nobody looks at the breaker, so that a call makes the transition that is due. */
export const PAUSE = 'the open time passes';

/** Open time of the circuits, in milliseconds. */
export const OPEN_TIME = 40;

/** One call of a program. */
export interface Call {
  readonly number: number;
  readonly controller: AbortController;
  /** Its only settlement, or undefined while it is pending. */
  outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;
}

/** One piece of work that has started. */
export interface Work {
  readonly call: number;
  readonly signal: AbortSignal;
  isPending: boolean;
  settle(fails: boolean): void;
}

type Event = readonly [label: string, act: () => void];

/** One path through a program. The events come in the order that `choose` decides. */
export class Play implements Observer {
  readonly program: Program;
  readonly calls: Call[] = [];
  /** Calls that have settled since the last check. */
  readonly settled: Call[] = [];
  readonly works: Work[] = [];
  readonly subject: Subject;
  /** Violations, with what had happened. */
  readonly faults: string[] = [];
  readonly log: string[] = [];
  readonly #commands: Command[];
  #pauses = 1;
  #transitions = 0;
  /** Calls whose answer had arrived when a frozen process went on. */
  readonly #thawed = new Set<number>();
  #reentered = false;
  #abortedOwn = false;

  constructor(program: Program, fusewire: Fusewire) {
    this.program = program;
    this.#commands = [...(program.commands ?? [])];
    this.subject = program.create(fusewire, this);
  }

  /** Returns the events that may come next, in a fixed order. */
  events(): Event[] {
    const { program } = this;
    const events: Event[] = [];
    if (this.calls.length < program.calls) events.push(['call', () => this.call()]);
    this.works.forEach((work, index) => {
      if (!work.isPending) return;
      events.push(
        [`work ${index} succeeds`, () => work.settle(false)],
        [`work ${index} fails`, () => work.settle(true)],
      );
    });
    if (world.hasTimer) events.push(['time passes', () => world.fireTimer()]);
    if (world.hasTimer && program.late === true) {
      this.works.forEach((work, index) => {
        if (work.isPending) events.push([`time jumps, and work ${index} has answered`, () => this.#thaw(work)]);
      });
    }
    if (this.subject.breaker !== undefined && this.#pauses > 0) events.push([PAUSE, () => this.#pause()]);
    if (program.aborts === true) {
      for (const call of this.calls.filter(({ outcome, controller }) => !outcome && !controller.signal.aborted)) {
        events.push([`caller ${call.number} aborts`, () => this.#abort(call)]);
      }
    }
    for (const command of this.#commands) events.push([command, () => this.#command(command)]);
    return events;
  }

  /** Makes the next call, in an async context of its own. */
  call(): void {
    const call: Call = { number: this.calls.length, controller: new AbortController(), outcome: undefined };
    this.calls.push(call);
    const settled = (outcome: Call['outcome']) => {
      if (call.outcome !== undefined) this.fault(`call ${call.number} settled twice`);
      if (this.#thawed.has(call.number) && outcome && 'error' in outcome && !(outcome.error instanceof Mark)) {
        this.fault(`call ${call.number} settled with ${String(outcome.error)} although its answer had arrived`);
      }
      call.outcome = outcome;
      this.settled.push(call);
      this.ran('the caller', call.number);
    };
    owner.run(call.number, () => {
      const { signal } = call.controller;
      const priority = this.priorityOf(call);
      const options = { key: this.#key(call), priority, ...(this.program.aborts === true && { signal }) };
      this.subject.calls
        .execute((context) => this.#work(call.number, context.signal), options)
        .then(
          (value) => settled({ value }),
          (error: unknown) => settled({ error }),
        );
    });
  }

  /** Returns the priority of a call; undefined for the default. */
  priorityOf({ number }: Call): 0 | 1 | 2 | 3 | 4 | undefined {
    const { priorities } = this.program;
    return priorities?.[number % priorities.length];
  }

  /** Key of a call: its number, unless calls share their work. */
  #key({ number }: Call): string {
    return this.program.shared === true ? 'shared' : String(number);
  }

  #work(call: number, signal: AbortSignal): unknown {
    this.ran('work', call);
    if (this.program.waitsFree === true && this.subject.breaker?.state === 'OPEN') {
      this.fault(`work of call ${call} began although the circuit is open`);
    }
    if (signal.aborted) this.fault(`work of call ${call} began although the call had ended`);
    const work = { call, signal, isPending: true, settle: (_fails: boolean) => undefined as void };
    this.works.push(work);
    return new Promise((resolve, reject) => {
      work.settle = (fails) => {
        work.isPending = false;
        if (fails) reject(new Mark(call, 'failure'));
        else resolve(new Mark(call, 'value'));
      };
      signal.addEventListener('abort', () => {
        this.ran('an abort listener', call);
        if (this.program.heeds !== true || !work.isPending) return;
        work.isPending = false;
        reject(signal.reason as Error);
      });
    });
  }

  /** Fires a timer as late as in a process that was frozen, with an answer that waits to be read. */
  #thaw(work: Work): void {
    const call = this.calls[work.call];
    if (call?.outcome === undefined) this.#thawed.add(work.call);
    world.fireTimer(1_000);
    work.settle(false);
  }

  #abort(call: Call): void {
    // Somebody else aborts, such as the shutdown of the process.
    owner.run(-1, () => call.controller.abort(new Mark(call.number, 'abort')));
  }

  /** Lets the open time of a circuit pass, for which no timer is set. */
  #pause(): void {
    this.#pauses--;
    world.pass(OPEN_TIME);
  }

  #command(command: Command): void {
    this.#commands.splice(this.#commands.indexOf(command), 1);
    owner.run(-1, () => {
      const { breaker } = this.subject;
      if (breaker === undefined || breaker.disposed) return;
      COMMANDS[command](breaker);
    });
  }

  ran(what: string, subject: unknown): void {
    const call = subject instanceof Mark ? subject.call : subject;
    if (what === 'a strategy' && this.calls[Number(call)]?.controller.signal.aborted === true) {
      this.fault(`a strategy ran for call ${String(call)}, which was aborted`);
    }
    const store = owner.getStore();
    if (this.program.shared === true && what !== 'the caller') return;
    if (typeof call === 'number' ? store !== call : store === undefined) {
      this.fault(`${what} of call ${String(call)} ran for ${String(store)}`);
    }
  }

  reenter(): void {
    if (this.#reentered || this.calls.length === 0) return;
    this.#reentered = true;
    this.call();
  }

  abortOwn(): void {
    const call = this.calls[owner.getStore() ?? -1];
    if (this.#abortedOwn || call === undefined || call.outcome !== undefined) return;
    this.#abortedOwn = true;
    call.controller.abort(new Mark(call.number, 'abort'));
  }

  fault(message: string): void {
    this.faults.push(message);
  }

  /** Ends what is left: makes the remaining calls, lets all work succeed and all time pass. */
  async finish(): Promise<void> {
    for (let steps = 0; ; steps++) {
      if (steps > 1_000) return this.fault('the program does not end');
      const work = this.works.find(({ isPending }) => isPending);
      if (this.calls.length < this.program.calls) this.call();
      else if (work !== undefined) work.settle(false);
      else if (world.hasTimer && this.calls.some(({ outcome }) => outcome === undefined)) world.fireTimer();
      else if (world.hasTimer) return this.fault('a timer is left after the last call');
      else if (this.#isHeldOpen()) this.subject.breaker?.reset();
      else if (!this.#makesTransition()) return;
      await world.settle();
    }
  }

  /** Whether calls wait for an operator to release the circuit. */
  #isHeldOpen(): boolean {
    const { breaker } = this.subject;
    if (breaker === undefined || breaker.disposed) return false;
    return breaker.override === 'FORCED_OPEN' && this.calls.some(({ outcome }) => outcome === undefined);
  }

  /** Makes the breaker's due transition, whose listeners may call again. Returns whether there was one. */
  #makesTransition(): boolean {
    const { breaker } = this.subject;
    if (breaker === undefined || breaker.disposed) return false;
    const before = this.#transitions;
    const { stateChanges } = breaker.getStats();
    this.#transitions = stateChanges;
    // The reading itself may trap after a listener has made a call.
    return stateChanges !== before || this.works.some(({ isPending }) => isPending);
  }

  /** Number of listeners on the signals of the callers. */
  get callerListeners(): number {
    return this.calls.reduce((sum, { controller }) => sum + getEventListeners(controller.signal, 'abort').length, 0);
  }
}
