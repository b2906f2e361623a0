import { breakerProgram } from './breaker-program.ts';
import type { Command } from './commands.ts';
import type { Program } from './program.ts';
import { alone } from './subjects.ts';

/** Programs of one breaker under the commands of an operator. */
export const commandPrograms: Program[] = [
  program('breaker under commands', ['dispose', 'forceOpen', 'reset'], 5),
  program('breaker that is opened, disabled and enabled', ['open', 'disable', 'enable'], 5),
  program('breaker that is updated', ['shorten', 'no timeout'], 6),
  program('breaker that tries an update', ['try', 'apply', 'dispose'], 5),
];

function program(name: string, commands: readonly Command[], depth: number): Program {
  return breakerProgram(name, (breaker) => alone(breaker).calls, {}, { commands, depth });
}
