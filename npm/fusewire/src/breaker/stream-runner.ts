import { invoke } from '../run/invoke.ts';
import type { StreamRunner } from '../run/stream-call.ts';
import type { Circuit } from './circuit.ts';

/** Returns what runs a stream through a breaker alone. */
export function streamRunnerOf(circuit: Circuit): StreamRunner {
  const { name, time } = circuit;
  return { name, subject: 'Circuit breaker', time, runLayers: (context) => circuit.run(invoke, context) };
}
