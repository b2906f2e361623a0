/** Breakers, policies and subjects that the programs consist of. */
import { OPEN_TIME } from './play.ts';
import type { Observer, Subject } from './program.ts';
import type { Fusewire } from './target.ts';

export type Breaker = InstanceType<Fusewire['CircuitBreaker']>;

/** Creates a breaker that opens at the second failure, with listeners and predicates that see whom they run for. */
export function breakerOf(fusewire: Fusewire, observer: Observer, options: object = {}): Breaker {
  const breaker = new fusewire.CircuitBreaker({
    name: 'breaker',
    failureThreshold: 2,
    successThreshold: 1,
    resetTimeout: OPEN_TIME,
    timeout: 20,
    classify: (outcome) => ('error' in outcome && observer.ran('classify', outcome.error), undefined),
    isFailure: (value) => (observer.ran('isFailure', value), false),
    ...options,
  });
  breaker.on('failure', ({ error }) => observer.ran('a failure listener', error));
  breaker.on('timeout', ({ error }) => observer.ran('a timeout listener', error));
  breaker.on('ignore', ({ error }) => observer.ran('an ignore listener', error));
  return breaker;
}

export function retryOf({ retry }: Fusewire, observer: Observer, options: object = {}) {
  const policy = retry({
    attempts: 2,
    delay: 10,
    idempotent: true,
    retryIf: (error) => (observer.ran('retryIf', error), true),
    retryAfter: (error) => (observer.ran('retryAfter', error), undefined),
    ...options,
  });
  policy.on('retry', ({ error }) => observer.ran('a retry listener', error));
  return policy;
}

export function fallbackOf({ fallback }: Fusewire, observer: Observer) {
  return fallback({
    when: (error, { key }) => (observer.ran('when', error), observer.ran('when', Number(key)), true),
    strategies: [{ name: 'value', execute: (error) => (observer.ran('a strategy', error), 'fallback') }],
  });
}

export type Limiter = NonNullable<Subject['limiters']>[number]['policy'];

export function alone(breaker: Breaker): Subject {
  return { calls: breaker as Subject['calls'], breaker };
}

export function policies(policy: NonNullable<Subject['policies']>[number] & Subject['calls']): Subject {
  return { calls: policy, policies: [policy] };
}

export function limited(
  limit: number,
  policy: Limiter & NonNullable<Subject['policies']>[number] & Subject['calls'],
): Subject {
  return { calls: policy, policies: [policy], limiters: [{ limit, policy }] };
}
