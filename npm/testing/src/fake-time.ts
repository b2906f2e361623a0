/// <reference lib="esnext.disposable" preserve="true" />
import { install } from '@sinonjs/fake-timers';
import { checkSpan } from './manual-clock.ts';

/** Time that stands still until it is moved. */
export interface FakeTime {
  /** Milliseconds since it was installed. */
  readonly now: number;
  /**
   * Moves time on, running every timer that becomes due at its own instant, and lets promises settle in between.
   *
   * @throws {RangeError} if `milliseconds` is no finite number from 0.
   */
  advance(milliseconds: number): Promise<void>;
  /** Lets what is due now run, and promises settle. */
  settle(): Promise<void>;
  /** How many timers are waiting: 0 where nothing was left behind. */
  readonly timers: number;
  /** Puts the real timers back. */
  restore(): void;
  /** The same as {@link FakeTime.restore}, for `using`. */
  [Symbol.dispose](): void;
}

/** What is replaced: everything that a breaker or a policy tells the time by, and no more. */
const REPLACED = ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;

/** Not every runtime has it yet. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/**
 * Replaces `Date`, `performance` and the timers of this process by ones that move when they are told to. Breakers, call
 * timeouts and policies follow, those that were made before as well. The fake timers of vitest, jest, node:test and sinon
 * do the same: use theirs where you have them.
 *
 * @throws {TypeError} if fake timers are installed already.
 */
export function fakeTime(): FakeTime {
  const clock = install({ now: Date.now(), toFake: [...REPLACED] });
  const start = clock.now;
  return {
    get now() {
      return clock.now - start;
    },
    async advance(milliseconds) {
      checkSpan('advance', milliseconds);
      await clock.tickAsync(milliseconds);
    },
    async settle() {
      await clock.tickAsync(0);
    },
    get timers() {
      return clock.countTimers();
    },
    restore: () => clock.uninstall(),
    [DISPOSE]: () => clock.uninstall(),
  };
}
