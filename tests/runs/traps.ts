import { playPath } from './explore.ts';
import type { Violation } from './explore.ts';
import type { Call, Play } from './play.ts';
import type { Program } from './program.ts';
import { callsUntilTrap, loadFusewire, trapAt } from './target.ts';
import { world } from './world.ts';

/**
 * Plays random paths of a program on an engine that traps, at each call of the engine in turn. The limits no longer hold then,
 * but every call passes and settles, and nothing is left.
 */
export async function exploreTraps(program: Program, random: () => number): Promise<Violation | undefined> {
  for (let call = 1; ; call++) {
    trapAt(call);
    const violation = await playPath(
      { ...program, throws: true },
      loadFusewire(),
      (count) => Math.floor(random() * count),
      { step: checkSettled, end: checkLeft },
    );
    const hasTrapped = callsUntilTrap() <= 0;
    trapAt(Number.POSITIVE_INFINITY);
    if (violation !== undefined) return { ...violation, events: [`trap at call ${call}`, ...violation.events] };
    if (!hasTrapped) return undefined;
  }
}

function checkSettled(play: Play): void {
  for (const { number, outcome, controller } of play.calls) {
    if (outcome === undefined && controller.signal.aborted) play.fault(`call ${number} is pending after its abort`);
  }
}

function checkLeft(play: Play): void {
  play.calls.forEach(({ number, outcome }: Call) => {
    if (outcome === undefined) play.fault(`call ${number} never settled`);
  });
  if (world.pending > 0) play.fault(`${world.pending} timers are left`);
  if (play.callerListeners > 0) play.fault(`${play.callerListeners} listeners are left on the callers' signals`);
  for (const { policy } of play.subject.limiters ?? []) {
    const { running, waiting } = policy.getStats();
    if (running !== 0 || waiting !== 0) play.fault(`at the end ${running} run and ${waiting} wait`);
  }
  const inFlight = play.subject.breaker?.disposed === false ? play.subject.breaker.getStats().inFlight : 0;
  if (inFlight !== 0) play.fault(`the breaker has ${inFlight} calls in flight at the end`);
}
