/** Generated programs of calls through a `CircuitBreaker`: the work, its end, and the operations in between. */
import fc, { type Arbitrary } from 'fast-check';
import type { CircuitBreakerOptions } from 'fusewire';

const MOST_OPERATIONS = 40;

/** Behaviour of the work of a call: it ends at once, or when the program settles it. A promise cannot return or throw. */
export type Work = 'returns' | 'throws' | 'resolves' | 'rejects' | 'waits';

/** Classification of a value or an error by the breaker's predicates. */
export type Verdict = 'success' | 'failure' | 'ignore' | 'openFor' | 'broken';

/** An action of an operator. */
type Order = 'forceOpen' | 'forceClosed' | 'shadow' | 'reset';

/** One step of a program. */
export type CallOperation =
  | CallMade
  | { readonly do: 'settle'; readonly which: number; readonly resolves: boolean }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: Order }
  | { readonly do: 'release'; readonly which: number };

/** A call, with the behaviour of its work and of its caller. */
export interface CallMade {
  readonly do: 'call';
  readonly by: 'execute' | 'tryExecute';
  /** Whether the work is a promise that already runs, instead of a function. */
  readonly running: boolean;
  readonly work: Work;
  readonly verdict: Verdict;
  readonly signal: 'none' | 'fresh' | 'aborted';
}

/** A breaker and the steps of its program. */
export interface CallProgram {
  readonly options: CircuitBreakerOptions;
  readonly operations: readonly CallOperation[];
}

const spans = fc.constantFrom(1, 5, 10, 20);

const options: Arbitrary<CircuitBreakerOptions> = fc.record({
  backend: fc.constantFrom('wasm' as const, 'native' as const),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 2 }),
  maxConcurrentRequests: fc.integer({ min: 1, max: 2 }),
  resetTimeout: spans,
  timeout: fc.oneof(fc.constant(false as const), spans),
  responseTimes: fc.boolean(),
});

const which = fc.nat(9);

const operation: Arbitrary<CallOperation> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      by: fc.constantFrom('execute' as const, 'tryExecute' as const),
      running: fc.boolean(),
      work: fc.constantFrom<Work>('returns', 'throws', 'resolves', 'rejects', 'waits', 'waits', 'waits'),
      verdict: fc.constantFrom<Verdict>('success', 'failure', 'failure', 'ignore', 'openFor', 'broken'),
      signal: fc.constantFrom('none' as const, 'none' as const, 'fresh' as const, 'aborted' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('settle' as const), which, resolves: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('abort' as const), which }) },
  { weight: 6, arbitrary: spans.map((milliseconds) => ({ do: 'wait' as const, milliseconds })) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom<Order>('forceOpen', 'forceClosed', 'shadow', 'reset') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), which }) },
);

export const callPrograms: Arbitrary<CallProgram> = fc.record({
  options,
  operations: fc.array(operation, { minLength: 1, maxLength: MOST_OPERATIONS, size: 'max' }),
});
