import { loadWarnings } from '#platform';
import type { Circuit } from '../breaker/circuit.ts';
import { readExplanation } from '../breaker/explanation.ts';
import type { Explanation } from '../breaker/explanation.ts';
import type { Layer } from '../run/layer.ts';
import { reportFault } from '../logging.ts';

/** Who is told of what is made: `fusewire doctor`, and in development what warns of the same things. */
export interface Witness {
  /** @param options as they were given. */
  breaker(breaker: MadeBreaker, options: unknown): void;
  pipeline(name: string, layers: readonly Layer[]): void;
}

/** A breaker that was just made. */
export interface MadeBreaker {
  /** It itself, as it stands in pipelines. */
  readonly circuit: object;
  readonly name: string;
  /** Milliseconds that a call may take, if there is a limit. */
  readonly timeout: number | undefined;
  explain(): Explanation;
}

/** Where the doctor stands before it loads a program, whichever copy of this package that brings along. */
export const WITNESS: unique symbol = Symbol.for('fusewire.witness');

const doctor = (globalThis as { readonly [WITNESS]?: Witness })[WITNESS];
const isWatched = doctor !== undefined || (loadWarnings !== undefined && isDevelopment());
let witness = doctor;

/** Tells of a breaker. It costs nothing where nobody wants to know. */
export function tellOfBreaker(circuit: Circuit, options: unknown): void {
  if (!isWatched) return;
  const { name, timeout } = circuit;
  tell((to) => to.breaker({ circuit, name, timeout, explain: () => readExplanation(circuit) }, options));
}

/** Tells of a pipeline. */
export function tellOfPipeline(name: string, layers: readonly Layer[]): void {
  if (isWatched) tell((to) => to.pipeline(name, layers));
}

function tell(how: (witness: Witness) => void): void {
  try {
    witness ??= loadWarnings?.();
    if (witness !== undefined) how(witness);
  } catch (error) {
    // Advice that fails is no reason for the program to fail.
    reportFault(undefined, 'fusewire: the diagnosis failed', error);
  }
}

function isDevelopment(): boolean {
  return typeof process === 'object' && process.env?.['NODE_ENV'] === 'development';
}
