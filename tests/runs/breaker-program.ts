import type { Program, Subject } from './program.ts';
import { breakerOf } from './subjects.ts';
import type { Breaker } from './subjects.ts';

/** Returns a program of one breaker, whose calls `callsOf` makes. */
export function breakerProgram(
  name: string,
  callsOf: (breaker: Breaker) => Subject['calls'],
  options: object = {},
  rest: Partial<Program> = {},
): Program {
  return {
    name,
    calls: 2,
    depth: 6,
    aborts: true,
    ...rest,
    create(fusewire, observer) {
      const breaker = breakerOf(fusewire, observer, options);
      return { calls: callsOf(breaker), breaker };
    },
  };
}
