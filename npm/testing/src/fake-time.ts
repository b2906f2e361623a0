/// <reference lib="esnext.disposable" preserve="true" />
import { install } from '@sinonjs/fake-timers';
import { checkDuration } from './manual-clock.ts';

/** Handle of fake timers. Time stands still until {@link FakeTime.advance} is called. */
export interface FakeTime {
  /** Milliseconds of fake time since the installation. */
  readonly now: number;
  /**
   * Advances the time. Each timer runs at the time at which it is due, and promises settle between timers.
   *
   * @throws {RangeError} if `milliseconds` is no finite number from 0.
   */
  advance(milliseconds: number): Promise<void>;
  /** Runs the timers that are due now, and lets promises settle. */
  settle(): Promise<void>;
  /** Number of pending timers. 0 proves that the code under test has left none behind. */
  readonly timers: number;
  /** Restores the real timers. */
  restore(): void;
  /** Calls {@link FakeTime.restore} at the end of a block with `using`. */
  [Symbol.dispose](): void;
}

/** Globals that are replaced: the clocks and timers that breakers and policies use. */
const REPLACED = ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;

/** `Symbol.dispose`, or the symbol that its polyfills use where the runtime has none. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/**
 * Replaces `Date`, `performance` and the timers of this process with fake ones. Breakers, call timeouts and policies use the
 * fake time, even if they were created before. The fake timers of vitest, jest, node:test and sinon work the same way; use
 * those if you have them.
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
      checkDuration('advance', milliseconds);
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
