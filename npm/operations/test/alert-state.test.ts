import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  afterAnnouncement,
  announcementOf,
  evaluated,
  inactiveAlert,
  isForgettable,
} from '../src/alerts/alert-state.ts';
import type { AlertState, Announcement } from '../src/alerts/alert-state.ts';

/** One step of a program: what the rule says, whether the alert is muted, and how much time has passed before. */
interface Step {
  readonly holds: boolean | undefined;
  readonly isMuted: boolean;
  readonly passed: number;
}

/** One announcement with its time. */
interface Announced {
  readonly announcement: Announcement;
  readonly at: number;
}

const STEPS: readonly Step[] = [true, false, undefined].flatMap((holds) =>
  [true, false].flatMap((isMuted) => [0, 1, 2].map((passed) => ({ holds, isMuted, passed }))),
);

/** Runs a program on the states, and checks every step against what its past demands. */
class Machine {
  readonly holdFor: number;
  readonly coolDown: number;
  readonly state: AlertState;
  readonly now: number;
  /** Time since which the condition holds without a break, or undefined. */
  readonly heldSince: number | undefined;
  readonly announced: readonly Announced[];

  constructor(holdFor: number, coolDown: number, from?: Partial<Machine>) {
    this.holdFor = holdFor;
    this.coolDown = coolDown;
    this.now = from?.now ?? 0;
    this.state = from?.state ?? inactiveAlert(0);
    this.heldSince = from?.heldSince;
    this.announced = from?.announced ?? [];
  }

  step({ holds, isMuted, passed }: Step): Machine {
    const { holdFor, coolDown } = this;
    const now = this.now + passed;
    const heldSince = holds === undefined ? this.heldSince : holds ? (this.heldSince ?? now) : undefined;
    let state = evaluated(this.state, holds, now, holdFor);
    const announcement = announcementOf(state, now, isMuted, coolDown);
    if (announcement !== undefined) state = afterAnnouncement(state, announcement, now);
    const announced = announcement === undefined ? this.announced : [...this.announced, { announcement, at: now }];
    this.check({ announcement, now, isMuted, heldSince, state, holds });
    return new Machine(holdFor, coolDown, { now, state, heldSince, announced });
  }

  check(step: {
    announcement: Announcement | undefined;
    now: number;
    isMuted: boolean;
    heldSince: number | undefined;
    state: AlertState;
    holds: boolean | undefined;
  }): void {
    const { announcement, now, isMuted, heldSince, state, holds } = step;
    const last = this.announced.at(-1);
    const lastFiring = this.announced.findLast((one) => one.announcement === 'firing');
    const isAnnounced = last?.announcement === 'firing';
    // What holds for long enough fires. A failed rule lets nothing begin to fire.
    const isDue = heldSince !== undefined && now - heldSince >= this.holdFor;
    if (holds !== undefined) assert.equal(state.phase === 'firing', isDue);
    assert.equal(state.phase === 'inactive', heldSince === undefined);
    const isCool = lastFiring === undefined || now - lastFiring.at >= this.coolDown;
    const expected =
      state.phase === 'firing'
        ? !isAnnounced && !isMuted && isCool
          ? 'firing'
          : undefined
        : isAnnounced
          ? 'resolved'
          : undefined;
    assert.equal(announcement, expected);
    assert.equal(isForgettable(state, now, this.coolDown), heldSince === undefined && isCool);
  }
}

describe('the state of an alert', () => {
  for (const holdFor of [0, 2]) {
    for (const coolDown of [0, 3]) {
      it(`follows its rule in every program, with for ${holdFor} and coolDown ${coolDown}`, () => {
        const seen = new Set<string>();
        const machines = [new Machine(holdFor, coolDown)];
        for (let machine = machines.pop(); machine !== undefined; machine = machines.pop()) {
          for (const step of STEPS) {
            const after = machine.step(step);
            const state = JSON.stringify(relative(after));
            if (!seen.has(state)) machines.push(after);
            seen.add(state);
          }
        }
        assert.ok(seen.size >= 20, `${seen.size} states`);
      });
    }
  }

  it('announces an alert after its silence if it still fires', () => {
    const firing = evaluated(inactiveAlert(0), true, 0, 0);
    assert.equal(announcementOf(firing, 0, true, 0), undefined);
    assert.equal(announcementOf(firing, 10, false, 0), 'firing');
  });

  it('announces the end of an alert also while it is muted', () => {
    const announced = afterAnnouncement(evaluated(inactiveAlert(0), true, 0, 0), 'firing', 0);
    assert.equal(announcementOf(evaluated(announced, false, 1, 0), 1, true, 0), 'resolved');
  });

  it('stays as it is while its rule fails', () => {
    const pending = evaluated(inactiveAlert(0), true, 0, 10);
    assert.equal(evaluated(pending, undefined, 100, 10), pending);
    const firing = evaluated(pending, true, 100, 10);
    assert.equal(evaluated(firing, undefined, 200, 10), firing);
  });
});

/** Returns all of a machine that its future depends on: times only relative to now, and long ones as one. Finitely many. */
function relative({ state, now, heldSince, announced }: Machine): unknown {
  const old = (time: number | undefined) => (time === undefined ? null : Math.min(now - time, 9));
  const last = announced.findLast(({ announcement }) => announcement === 'firing');
  return [
    state.phase,
    state.announced,
    old(state.since),
    old(heldSince),
    old(last?.at),
    announced.at(-1)?.announcement,
  ];
}
