/** A bug to plant: a text of a source file, and what takes its place. */
export interface Bug {
  readonly name: string;
  /** Program whose exploration finds it. */
  readonly program: string;
  /** File below `npm/fusewire/src`. */
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

const bug = (name: string, program: string, file: string, text: string, instead: string): Bug => ({
  name,
  program,
  file,
  text,
  instead,
});

/** Bugs, each of which the exploration must find. The first ones were real. */
export const bugs: readonly Bug[] = [
  bug(
    'a retry starts its attempts in the context of the call that set the timer',
    'retry',
    'run/sleeping-run.ts',
    'if (this.isOpen) callInScope(this.scope, () => this.woken());',
    'this.woken();',
  ),
  bug(
    'queued work runs in the context of the call that left its slot',
    'bulkhead',
    'run/waiting-run.ts',
    'callInScope(this.scope, () => this.#start());',
    'this.#start();',
  ),
  bug(
    'abort listeners run in the context of the code that ends the call',
    'timeout',
    'run/call-context.ts',
    'callInScope(this.#scope, () => this.controller.abort(reason));',
    'this.controller.abort(reason);',
  ),
  bug(
    'event listeners run in the context of the shared timer',
    'breaker',
    'breaker/circuit.ts',
    'if (this.listeners !== undefined) call.scope = captureScope();',
    '',
  ),
  bug(
    'event listeners run in the context of the code that aborts a call',
    'breaker',
    'run/run.ts',
    'callInScope(this.scope, () => this.end(reason));',
    'this.end(reason);',
  ),
  bug(
    'a slot is free while work of an ended call still runs',
    'breaker around a bulkhead around a timeout',
    'run/run.ts',
    'else if (this.#detached === 0) this.idle();',
    'else this.idle();',
  ),
  bug(
    'a slot is free as soon as one of the runs inside has ended',
    'bulkhead around a retry around a timeout',
    'run/run.ts',
    'if (--run.#detached === 0 && !run.isOpen && !run.#isFollowing) run.idle();',
    'if (--run.#detached === 0) run.idle();',
  ),
  bug(
    'work that has ended holds the slot once more',
    'timeout',
    'run/run.ts',
    'for (let run: Run | undefined = this; run !== undefined; run = run.parent) run.#detached++;',
    'for (let run: Run | undefined = this.parent; run !== undefined; run = run.parent) run.#detached++;',
  ),
  bug(
    'a call times out while it waits in a queue',
    'breaker around a bulkhead',
    'breaker/call.ts',
    'if (this.isOpen && this.#stage === RUNNING) {',
    'if (this.isOpen && this.#stage === REJECTED) {',
  ),
  bug(
    'a call that waits in a queue holds a probe',
    'breaker around a bulkhead that opens while calls wait',
    'breaker/call.ts',
    'this.#permit = (this.#circuit as CallOwner).withdraw(this.#permit);',
    '',
  ),
  bug(
    'a call that has waited is not admitted again',
    'breaker around a bulkhead that opens while calls wait',
    'breaker/call.ts',
    'return (this.#circuit as CallOwner).admitAgain(this);',
    'return undefined;',
  ),
  bug(
    'a call that a listener ends while it is admitted again keeps its probe',
    'a halfOpen listener that aborts its call',
    'breaker/circuit.ts',
    'if (permit >= 0) this.withdraw(permit);',
    '',
  ),
  bug(
    'the abort of a listener on the way in is missed',
    'a halfOpen listener that aborts its call of the breaker alone',
    'run/abort-signals.ts',
    'if (this.#signal.aborted) return listener.abort(this.#signal.reason);',
    '',
  ),
  bug(
    'work starts although the call has ended on the way in',
    'a halfOpen listener that aborts its call of the breaker alone',
    'breaker/circuit.ts',
    'if (call.isOpen) this.#start(call, work, context);\n    else suppressUnhandledRejection(work);',
    'this.#start(call, work, context);',
  ),
  bug(
    'a process that was frozen does not read the answers that have arrived',
    'breaker, late',
    'time/timer.ts',
    'if (armedWith !== realSetTimeout || defaultClock() - timerDue < LATE) return expireDue();',
    'if (LATE > 0) return expireDue();',
  ),
  bug(
    "a listener stays on the caller's signal",
    'breaker',
    'run/run.ts',
    `    this.fulfil = this.refuse = undefined;
    this.#stopListening();`,
    '    this.fulfil = this.refuse = undefined;',
  ),
  bug(
    'a timer stays after a call that slept',
    'retry',
    'run/sleeping-run.ts',
    `    this.wake();
    super.close();`,
    '    super.close();',
  ),
  bug(
    'a deadline stays after its call',
    'breaker',
    'run/limited-run.ts',
    `    this.stopDeadline();
    super.close();`,
    '    super.close();',
  ),
  bug(
    'a waiting call does not hear its caller',
    'bulkhead',
    'run/waiting-run.ts',
    'this.listenTo(this.#outer.abortSource);',
    '',
  ),
  bug(
    'a rejected call keeps the slot it has waited for',
    'breaker around a bulkhead that opens while calls wait',
    'run/waiting-run.ts',
    `    this.#queue.takeBack(turn.granted);
    this.resolve(rejected);`,
    '    this.resolve(rejected);',
  ),
  bug(
    'a waiting call starts although a listener has aborted it',
    'a reject listener that aborts its call',
    'run/waiting-run.ts',
    'if (!this.isOpen) {\n      // A',
    'if (turn === null) {\n      // A',
  ),
  bug(
    'nobody handles the rejection of a call that a listener has aborted',
    'a reject listener that aborts its call',
    'run/waiting-run.ts',
    'suppressUnhandledRejection(rejected);',
    '',
  ),
  bug(
    'a call is reused while its work may still settle',
    'a halfOpen listener that aborts its call of the breaker alone',
    'breaker/call.ts',
    'this.#stage = ENDED;\n    this.endWith',
    'this.endWith',
  ),
  bug('a call stays in flight', 'breaker', 'breaker/call.ts', '(this.#circuit as CallOwner).inFlight--;', ''),
  bug(
    'copies that lost a hedge go on',
    'hedge',
    'policies/hedge/hedged-call.ts',
    'if (this.#copies.length > 0) this.#endCopies(this.#policy.loserReason);',
    '',
  ),
  bug(
    'a hedge fails while a copy still runs',
    'hedge',
    'policies/hedge/hedged-call.ts',
    'if (this.#copies.length > 0) return;',
    '',
  ),
  bug(
    'a retry does not hear its caller while it sleeps',
    'retry',
    'policies/retry/retried-call.ts',
    'this.listenTo(this.#outer.abortSource);',
    '',
  ),
  bug(
    'a call that did not start is in no total',
    'breaker around a bulkhead that opens while calls wait',
    'policies/concurrency/concurrency-limiter.ts',
    `  takeBack(slot: Slot): void {
    this.#counts.totalAborted++;`,
    '  takeBack(slot: Slot): void {',
  ),
  bug(
    'a displaced call stays pending',
    'bulkhead with priorities',
    'policies/concurrency/concurrency-limiter.ts',
    'displaced.drop(error);',
    '',
  ),
  bug(
    'a displaced call leaves the queue a second time',
    'bulkhead with priorities',
    'run/waiting-run.ts',
    'if (this.#isDropped) return;',
    '',
  ),
  bug(
    'a full queue does not heed priorities',
    'bulkhead with priorities',
    'policies/concurrency/concurrency-limiter.ts',
    'outer.options?.priority ?? DEFAULT_PRIORITY',
    'DEFAULT_PRIORITY',
  ),
  bug(
    'a shared call goes on without callers',
    'shared call of a cache',
    'policies/cache/single-flight.ts',
    'if (--this.#callers === 0) this.end(reason);',
    '',
  ),
  bug(
    'a timeout counts work that has settled as overrunning',
    'timeout',
    'policies/timeout/timeout.ts',
    'if (this.#timeoutError !== undefined) this.#policy.overrunning--;',
    '',
  ),
  bug(
    'a timeout does not tell the work',
    'timeout',
    'policies/timeout/timeout.ts',
    'this.#context.abort(reason);',
    'void reason;',
  ),
  bug(
    'a fallback answers a call that was aborted',
    'fallback',
    'policies/fallback/fallback.ts',
    'index < this.#strategies.length && context.call.aborted === undefined;',
    'index < this.#strategies.length;',
  ),
  bug(
    'a permit can be settled twice',
    'permits that are settled again',
    'breaker/permit.ts',
    'this.#call = undefined;',
    '',
  ),
  bug(
    'an ignored permit stays in flight',
    'permits that are ignored or lost',
    'breaker/call.ts',
    'this.#stage = DROPPED;\n    this.workFailed(undefined);',
    'this.#stage = DROPPED;',
  ),
  bug(
    'a permit is given out although its caller has aborted on the way in',
    'permits whose caller aborts as the circuit becomes half-open',
    'breaker/circuit.ts',
    'if (!call.isOpen) throw signal?.reason;',
    '',
  ),
  bug(
    'callers wait although the operator has released the circuit',
    'callers that wait under commands',
    'breaker/engine-circuit.ts',
    'this.onWordChange?.();\n    this.readiness?.changed();\n    if',
    'this.onWordChange?.();\n    if',
  ),
  bug(
    'the timer of callers that wait outlasts them',
    'callers that wait for the circuit',
    'breaker/readiness.ts',
    'if (this.#waiting.size === 0) this.#wake();',
    '',
  ),
  bug(
    'callers wait for a disposed breaker',
    'callers that wait under commands',
    'breaker/readiness.ts',
    'if (circuit.isDisposed) return this.#rejectAll();\n    if (!circuit.enabled)',
    'if (circuit.isDisposed) return;\n    if (!circuit.enabled)',
  ),
  bug(
    'work that was abandoned frees a slot again',
    'bulkhead that abandons work',
    'policies/concurrency/slot.ts',
    'if (!this.#isAbandoned) this.#owner.onSlotFree(this);',
    'this.#owner.onSlotFree(this);',
  ),
  bug(
    'listeners of a timeout run in the context of the shared timer',
    'timeout with a listener',
    'policies/timeout/timeout.ts',
    'if (this.#policy.listeners !== undefined) this.scope = captureScope();',
    '',
  ),
  bug(
    'a retry begins an attempt although a listener has aborted the call',
    'retry with a listener that aborts its call',
    'policies/retry/retry.ts',
    'return call.isAborted ? undefined : delay;',
    'return delay;',
  ),
];
