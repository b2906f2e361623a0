import { Mark } from './program.ts';
import type { Call, Play } from './play.ts';
import { world } from './world.ts';

/** Invariants that hold whenever all promises have run. */
export function checkStep(play: Play): void {
  checkLimiters(play);
  for (const call of play.calls) checkCall(play, call);
  for (const call of play.settled.splice(0)) checkPriority(play, call);
  if (play.subject.breaker?.disposed === false) checkBreaker(play);
}

/** Invariants that hold once nothing is left to happen. */
export function checkEnd(play: Play): void {
  const { calls, subject } = play;
  for (const { number, outcome } of calls) if (outcome === undefined) play.fault(`call ${number} never settled`);
  if (world.pending > 0) play.fault(`${world.pending} timers are left`);
  if (play.callerListeners > 0) play.fault(`${play.callerListeners} listeners are left on the callers' signals`);
  for (const { name, getStats } of (subject.policies ?? []).map((policy) => ({
    name: policy.name,
    getStats: () => policy.getStats() as Record<string, number>,
  }))) {
    const stats = getStats();
    for (const count of ['inFlight', 'running', 'waiting', 'overrunning']) {
      if ((stats[count] ?? 0) !== 0) play.fault(`${name} has ${stats[count]} ${count} at the end`);
    }
    checkTotals(play, name, stats);
  }
  if (subject.breaker?.disposed === false) {
    const { inFlight, probesInFlight, listenerErrors, predicateErrors, engineErrors } = subject.breaker.getStats();
    if (inFlight !== 0) play.fault(`the breaker has ${inFlight} calls in flight at the end`);
    if (probesInFlight !== 0) play.fault(`${probesInFlight} probes never came back`);
    if (play.program.throws !== true && listenerErrors + predicateErrors + engineErrors > 0) {
      play.fault('the breaker counted faults');
    }
  }
}

/** The admitted, the rejected, those that left and those that wait are all calls of a limiter. */
function checkTotals(play: Play, name: string, stats: Record<string, number>): void {
  const parts = ['totalAdmitted', 'totalRejected', 'totalDisplaced', 'totalQueueTimeouts', 'totalAborted', 'waiting'];
  if (stats['totalAdmitted'] === undefined) return;
  const sum = parts.reduce((total, part) => total + (stats[part] ?? 0), 0);
  if (sum !== stats['totalCalls']) play.fault(`${name} has ${sum} calls by their ends, of ${stats['totalCalls']}`);
}

/** Each piece of work that runs holds one slot, and nothing else does. */
function checkLimiters(play: Play): void {
  const pending = play.works.filter(({ isPending }) => isPending).length;
  for (const { limit, policy } of play.subject.limiters ?? []) {
    const { running, waiting, overrunning } = policy.getStats();
    const left = play.works.filter(
      ({ call, isPending }) => isPending && play.calls[call]?.outcome !== undefined,
    ).length;
    if (play.program.shared !== true && (overrunning < left || overrunning > pending)) {
      play.fault(`${overrunning} slots overrun, of ${pending} pieces of work, ${left} of them of ended calls`);
    }
    if (running !== pending) play.fault(`${running} slots are held by ${pending} pieces of work`);
    if (pending > limit) play.fault(`${pending} pieces of work run at a limit of ${limit}`);
    if (waiting > 0 && running < limit) play.fault(`${waiting} calls wait although ${running} of ${limit} run`);
  }
}

/** Work that is not idempotent does not begin again before it has ended. */
function checkOnce(play: Play, number: number): void {
  const pending = play.works.filter(({ call, isPending }) => call === number && isPending).length;
  if (play.program.once === true && pending > 1) play.fault(`work of call ${number} runs ${pending} times at once`);
}

function checkCall(play: Play, { number, outcome, controller }: Call): void {
  checkOnce(play, number);
  if (outcome === undefined) {
    if (controller.signal.aborted) play.fault(`call ${number} is pending although its caller has aborted`);
    return;
  }
  const settled: unknown = 'value' in outcome ? outcome.value : outcome.error;
  if (settled instanceof Mark && settled.call !== number && play.program.shared !== true) {
    play.fault(`call ${number} settled with the ${settled.message}`);
  }
  if (!(settled instanceof Mark) && !isOwnError(settled)) play.fault(`call ${number} settled with ${String(settled)}`);
  if (play.program.shared === true) return checkShared(play);
  const began = play.works.some((work) => work.call === number);
  if (play.program.waitsFree === true && !began && isTimeout(settled)) {
    play.fault(`call ${number} timed out before its work began`);
  }
  for (const work of play.works) {
    if (work.call === number && work.isPending && !work.signal.aborted) {
      play.fault(`work of call ${number} did not learn that the call has ended`);
    }
  }
}

/** No call is rejected by a full queue while one of lower priority waits in it. */
function checkPriority(play: Play, rejected: Call): void {
  const { error } = (rejected.outcome ?? {}) as { error?: { code?: unknown } };
  const priority = play.priorityOf(rejected);
  if (error?.code !== 'ERR_BULKHEAD_FULL' || priority === undefined) return;
  for (const call of play.calls) {
    const waits = call.outcome === undefined && !play.works.some((work) => work.call === call.number);
    if (waits && (play.priorityOf(call) as number) < priority) {
      play.fault(`call ${rejected.number} was rejected although call ${call.number} of lower priority waits`);
    }
  }
}

/** Work that several calls share ends with the last of them. */
function checkShared(play: Play): void {
  const isWanted = play.calls.some(({ outcome }) => outcome === undefined);
  if (!isWanted && play.works.some(({ isPending, signal }) => isPending && !signal.aborted)) {
    play.fault('shared work did not learn that all calls have ended');
  }
}

function isTimeout(settled: unknown): boolean {
  return (settled as { code?: unknown } | null)?.code === 'ERR_CALL_TIMEOUT';
}

/** Whether an error is one of the package, or a value of a fallback. */
function isOwnError(settled: unknown): boolean {
  if (settled === 'fallback') return true;
  const { code } = (settled ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^ERR_[A-Z_]+$/.test(code);
}

/** Calls in flight are those that have neither settled nor ended. */
function checkBreaker(play: Play): void {
  const { breaker } = play.subject;
  const { inFlight, totalRequests, totalSuccesses, totalFailures, totalIgnored, totalRejected, probesInFlight } =
    breaker!.getStats();
  if (inFlight < 0) play.fault(`${inFlight} calls are in flight`);
  const ended = totalSuccesses + totalFailures + totalIgnored + totalRejected;
  if (totalRequests !== ended + inFlight)
    play.fault(`${totalRequests} requests, ${ended} ended, ${inFlight} in flight`);
  const running = play.works.filter(({ isPending }) => isPending).length;
  if (play.program.waitsFree === true && probesInFlight > running) {
    play.fault(`${probesInFlight} probes are in flight, but ${running} pieces of work run`);
  }
  if (probesInFlight > inFlight) play.fault(`${probesInFlight} probes of ${inFlight} calls in flight`);
  const pending = play.calls.filter(({ outcome }) => outcome === undefined).length;
  if (inFlight > pending && play.program.hedged !== true)
    play.fault(`${inFlight} calls in flight of ${pending} pending`);
}
