import { afterEach, beforeEach, mock } from 'node:test';

/** Runs each test of a file under fake timers. Time stands still until {@link advance}. */
export function useFakeTime(): void {
  beforeEach(startTime);
  afterEach(() => mock.timers.reset());
}

/** Installs fake timers, at time 0. */
export function startTime(): void {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 0 });
}

/** Advances time by steps of one millisecond, and lets pending promises settle after each. */
export async function advance(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed++) {
    mock.timers.tick(1);
    await settled();
  }
}

/** Resolves when all reactions to settled promises have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves after some milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
