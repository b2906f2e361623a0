import type { LayerConfiguration, PipelineConfiguration } from '../configuration.ts';
import type { PipelineRule } from '../rule.ts';

export const attemptsOutlastTotal: PipelineRule = {
  code: 'attempts-outlast-total',
  severity: 'warning',
  reason: 'The timeout around a retry ends the call before all of its attempts can run: the last ones never do.',
  advice: 'Make fewer attempts, give each less time, or give all of them more.',
  check(pipeline) {
    const retry = retryOf(pipeline);
    const total = retry && shortestTimeout(retry.outside.filter(({ kind }) => kind === 'timeout'));
    const each = retry && shortestTimeout(retry.inside);
    if (retry === undefined || total === undefined || each === undefined) return undefined;
    const needed = retry.attempts * each;
    if (needed <= total) return undefined;
    return `${retry.attempts} attempts of ${each} ms take ${needed} ms without the waiting between them, and all may take ${total} ms`;
  },
};

export const retryInsideBreaker: PipelineRule = {
  code: 'retry-inside-breaker',
  severity: 'warning',
  reason:
    'A breaker around a retry counts all attempts as one call, and the retry goes on while the circuit should open.',
  advice: 'Put the retry around the breaker: an open circuit then ends the attempts at once.',
  check(pipeline) {
    const outside = retryOf(pipeline)?.outside.find(({ kind }) => kind === 'breaker');
    return outside && `the retry is inside of the breaker ${outside.name}`;
  },
};

export const retriesMultiply: PipelineRule = {
  code: 'retries-multiply',
  severity: 'warning',
  reason:
    'A retry around a client that retries by itself multiplies the attempts, just when the dependency is overloaded.',
  advice: "Switch the client's own retries off.",
  check(pipeline) {
    const attempts = retryOf(pipeline)?.attempts ?? 1;
    const own = (pipeline.facts.client?.retries ?? 0) + 1;
    if (attempts === 1 || own === 1) return undefined;
    return `${attempts} attempts of ${own} each make up to ${attempts * own} requests of one call`;
  },
};

/** The retry of a pipeline, and the layers around and inside it. */
interface RetryPosition {
  readonly attempts: number;
  readonly outside: readonly LayerConfiguration[];
  readonly inside: readonly LayerConfiguration[];
}

function retryOf({ layers }: PipelineConfiguration): RetryPosition | undefined {
  const index = layers.findIndex(({ kind }) => kind === 'retry');
  const attempts = layers[index]?.attempts;
  if (attempts === undefined) return undefined;
  return { attempts, outside: layers.slice(0, index), inside: layers.slice(index + 1) };
}

function shortestTimeout(layers: readonly LayerConfiguration[]): number | undefined {
  const times = layers.flatMap(({ timeout }) => timeout ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}
