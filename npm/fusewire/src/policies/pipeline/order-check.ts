import { readValueClassifier } from '../../classification/classifier.ts';
import type { Problem } from '../../engine/backend.ts';
import { Circuit } from '../../breaker/circuit.ts';
import { DEFAULT_TIMEOUT } from '../../breaker/settings.ts';
import { createOptionsError } from '../../options/options-error.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { PipelineOptions } from './options.ts';
import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import { isLayer } from '../policy.ts';
import type { Layer, PolicyKind } from '../../run/layer.ts';
import { Timeout } from '../timeout/timeout.ts';

/** Harmful orders of two layers, each with the reason. */
const HARMFUL_ORDERS: readonly (readonly [outer: PolicyKind, inner: PolicyKind, reason: string])[] = [
  [
    'breaker',
    'retry',
    'a breaker around a retry counts all attempts as one call, and the retry goes on while it should open',
  ],
  ['bulkhead', 'retry', 'a bulkhead around a retry holds its slot while the retry only waits'],
  ['bulkhead', 'hedge', 'a bulkhead around a hedge does not count the copies'],
  [
    'adaptiveBulkhead',
    'retry',
    'an adaptive bulkhead around a retry holds its slot while the retry only waits, and measures the waiting',
  ],
  ['adaptiveBulkhead', 'hedge', 'an adaptive bulkhead around a hedge does not count the copies'],
  ['retry', 'retry', 'a retry inside a retry multiplies the attempts'],
  ['hedge', 'retry', 'a hedge around a retry multiplies the attempts, and copies a call that only waits'],
  ['retry', 'fallback', 'a fallback inside a retry answers before the retry learns of the failure'],
  ['breaker', 'fallback', 'a fallback inside a breaker makes every failure look like a success'],
  ['breaker', 'hedge', 'a hedge inside a breaker hides the slow call from it, and its copies are not admitted'],
  ['retry', 'cache', 'a cache inside a retry answers with a stale value before the retry learns of the failure'],
  ['breaker', 'cache', 'a cache inside a breaker makes failures look like successes'],
  ['hedge', 'cache', 'a cache inside a hedge joins the copies into one call'],
  ['shedLoad', 'retry', 'a load shedder around a retry counts all attempts as one call'],
  ['shedLoad', 'hedge', 'a load shedder around a hedge does not count the copies'],
  ['rateLimit', 'retry', 'a rate limit around a retry counts all attempts as one call'],
  ['rateLimit', 'hedge', 'a rate limit around a hedge does not count the copies'],
];

/**
 * Checks the layers of a pipeline.
 *
 * @throws {OptionsError} if a layer is no policy or breaker, or, unless `checked` is false, if their order is
 * harmful.
 * @param roles names of the layers, if the caller has passed them by name and not in an array.
 * @param mayBeEmpty whether every layer may have been switched off.
 */
export function checkOrder(
  layers: readonly Layer[],
  options: PipelineOptions,
  roles?: readonly string[],
  mayBeEmpty = false,
): void {
  const reader = readPolicyOptions('pipeline', options);
  reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  readValueClassifier(reader);
  reader.boolean('idempotent');
  const checked = reader.boolean('checked') ?? true;
  if (layers.length === 0 && !mayBeEmpty) reader.report('layers', 'range', 'at least one policy');
  layers.forEach((layer, index) => {
    const isKnown = layer instanceof Circuit || isLayer(layer);
    if (!isKnown) reader.report(`layers.${index}`, 'type', 'a policy or a breaker of this copy of fusewire');
  });
  const name = reader.finish();
  const problems = checked ? orderProblems(layers, roles) : [];
  if (problems.length > 0) throw createOptionsError('Policy', name, options, problems);
}

function orderProblems(layers: readonly Layer[], roles: readonly string[] | undefined): Problem[] {
  const problems: Problem[] = [];
  const report = (index: number, reason: string) =>
    problems.push({ option: `layers.${index}`, kind: 'conflict', expected: `elsewhere: ${reason}` });
  layers.forEach((inner, index) => {
    for (const outer of layers.slice(0, index)) {
      if (outer === inner && inner instanceof Circuit) report(index, 'one breaker twice would admit each call twice');
      for (const [outside, inside, reason] of HARMFUL_ORDERS) {
        if (outer.kind === outside && inner.kind === inside) report(index, reason);
      }
      if (!(outer instanceof Timeout)) continue;
      const role = roles?.[index];
      const inside = layers.slice(index);
      const reason = timeoutProblem(outer.timeout, inner, inside);
      if (reason === undefined) continue;
      if (role === undefined) report(index, reason);
      else problems.push(roleProblem(role, outer.timeout, inner));
    }
  });
  return problems;
}

/**
 * Returns the problem of a timeout around a layer, if there is one: the own limit of the layer would never apply. A breaker
 * whose timeout is the default, or off, goes by the timeout around it. `inside` contains the layer and all layers inside it.
 */
function timeoutProblem(timeout: number, layer: Layer, inside: readonly Layer[]): string | undefined {
  if (layer instanceof Timeout && timeout <= layer.timeout) {
    return `the timeout of ${timeout} ms around it ends every call before its own of ${layer.timeout} ms`;
  }
  if (!(layer instanceof Circuit) || layer.timeout === undefined || layer.timeout === DEFAULT_TIMEOUT) return undefined;
  const shortest = Math.min(...inside.map((each) => timeoutOf(each) ?? Number.POSITIVE_INFINITY));
  if (timeout >= shortest) return undefined;
  return `the timeout of ${timeout} ms around it ends every call before its own of ${layer.timeout} ms`;
}

/** Returns the problem of a layer that was passed by name, and whose own limit is not shorter than the total timeout. */
function roleProblem(role: string, total: number, layer: Layer): Problem {
  const own = timeoutOf(layer);
  const option = layer instanceof Timeout ? role : `${role}.timeout`;
  const expected = `shorter than timeout, which ends the whole call after ${total} ms: with ${own} ms it never applies`;
  return { option, kind: 'conflict', expected };
}

/** Returns the limit that a layer sets for the duration of a call, in milliseconds. */
function timeoutOf(layer: Layer): number | undefined {
  if (layer instanceof Timeout) return layer.timeout;
  return layer instanceof Circuit ? layer.timeout : undefined;
}
