import { afterEach, beforeEach, mock } from 'node:test';

/** Has each test of this file run in a time of its own, which stands still until {@link advance}. */
export function useFakeTime(): void {
  beforeEach(startTime);
  afterEach(() => mock.timers.reset());
}

/** Begins a time of its own, at 0. */
export function startTime(): void {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 0 });
}

/** Lets so many milliseconds pass, and what is due in each of them happen. */
export async function advance(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed++) {
    mock.timers.tick(1);
    await settled();
  }
}

/** When everything has happened that waits for nothing but promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A promise that resolves after so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
