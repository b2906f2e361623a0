import { checkEnd, checkStep } from './invariants.ts';
import { PAUSE, Play } from './play.ts';
import type { Program } from './program.ts';
import type { Fusewire } from './target.ts';
import { world } from './world.ts';

/** Returns one of so many choices, counted from 0. */
export type Choose = (choices: number) => number;

/** A path on which an invariant did not hold. */
export interface Violation {
  readonly program: string;
  readonly faults: readonly string[];
  /** Events of the path, in order. */
  readonly events: readonly string[];
}

/** Unhandled rejections since the last path. */
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

/** Plays one path. The events come as `choose` decides, `depth` of them; then what is left ends by itself. */
export async function playPath(
  program: Program,
  fusewire: Fusewire,
  choose: Choose,
  check: { step: (play: Play) => void; end: (play: Play) => void } = { step: checkStep, end: checkEnd },
): Promise<Violation | undefined> {
  const play = new Play(program, fusewire);
  let together = program.together === true;
  for (let step = 0; step < program.depth; step++) {
    const events = play.events();
    if (events.length === 0) break;
    const [label, act] = events[choose(events.length)] as (typeof events)[number];
    play.log.push(label);
    try {
      act();
    } catch (error) {
      play.fault(`something threw ${String((error as Error).stack)}`);
    }
    // Once in a path, the next event comes before the promises of this one have run.
    if (together && choose(2) === 1) {
      together = false;
      play.log.push('at once');
      continue;
    }
    await world.settle();
    if (label !== PAUSE) check.step(play);
    if (play.faults.length > 0) break;
  }
  await world.settle();
  if (play.faults.length === 0) {
    play.log.push('the end');
    await play.finish();
    check.end(play);
  }
  for (const reason of unhandled.splice(0)) play.fault(`nobody handled ${String(reason)}`);
  if (play.faults.length === 0) return undefined;
  return { program: program.name, faults: play.faults, events: play.log };
}

/** Result of an exploration. */
export interface Exploration {
  readonly paths: number;
  readonly violation: Violation | undefined;
  /** Whether every path was played. */
  readonly complete: boolean;
}

/** Plays every path of a program, `most` of them, until one violates an invariant. */
export async function exploreAll(program: Program, fusewire: Fusewire, most = Infinity): Promise<Exploration> {
  let prefix: number[] = [];
  for (let paths = 1; ; paths++) {
    const chosen: number[] = [];
    const choices: number[] = [];
    const violation = await playPath(program, fusewire, (count) => {
      const choice = prefix[chosen.length] ?? 0;
      chosen.push(choice);
      choices.push(count);
      return choice;
    });
    if (violation !== undefined) return { paths, violation, complete: false };
    // The next path differs from this one at the last place where another choice is left.
    const last = chosen.findLastIndex((choice, index) => choice + 1 < (choices[index] as number));
    if (last === -1) return { paths, violation: undefined, complete: true };
    if (paths >= most) return { paths, violation: undefined, complete: false };
    prefix = [...chosen.slice(0, last), (chosen[last] as number) + 1];
  }
}

/** Plays random paths of a program, twice as deep, until one violates an invariant. */
export async function exploreRandomly(
  program: Program,
  fusewire: Fusewire,
  paths: number,
  random: () => number,
): Promise<Exploration> {
  const deeper = { ...program, calls: program.calls + 1, depth: program.depth * 2 };
  for (let path = 1; path <= paths; path++) {
    const violation = await playPath(deeper, fusewire, (count) => Math.floor(random() * count));
    if (violation !== undefined) return { paths: path, violation, complete: false };
  }
  return { paths, violation: undefined, complete: false };
}
