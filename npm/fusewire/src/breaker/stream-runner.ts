import { executeStream } from '../run/execute-stream.ts';
import { invoke } from '../run/invoke.ts';
import type { StreamOptions, StreamResult, StreamSource } from '../run/stream-types.ts';
import type { Circuit } from './circuit.ts';

/** Runs a stream through a breaker alone. A disabled breaker limits nothing. */
export function streamThrough<Source extends StreamSource>(
  circuit: Circuit,
  work: unknown,
  options: StreamOptions | undefined,
): StreamResult<Source> {
  const { name, time, enabled } = circuit;
  const runner = { name, subject: 'Circuit breaker', time, runLayers: circuit.run.bind(circuit, invoke) };
  const isLimited = enabled || typeof options !== 'object';
  return executeStream(
    runner,
    work,
    isLimited ? options : { ...options, firstItem: undefined, betweenItems: undefined },
  );
}
