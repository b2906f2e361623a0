/** Generators of programs: small options full of equal numbers, so that boundaries meet, and operations in every order. */
import fc, { type Arbitrary } from 'fast-check';
import type { Act, Operation, Outcome, Program } from './cases.ts';

const MOST_OPERATIONS = 70;

const clocks = fc.constantFrom(0, 0, 7, -5_000, 1_763_716_647_123);
const spans = fc.constantFrom(1, 2, 5, 10, 10.001, 30, 100);
const rates = fc.constantFrom(1, 0.5, 0.75, 0.25, 0.3, 0.1);
const steps = fc.constantFrom(1, 0.001, 2, 5, 9.999, 10, 30, 100);
const gaps = fc.constantFrom(1_000, 60_000, 1e9);
const around = fc.constantFrom(0, -0.001, 0.001);
const durations = fc.constantFrom(0, 0.4, 0.999, 1, 4.999, 5, 10, 123.456, 70_000);

/** Makes each property optional; shrinking leaves it out. */
function perhaps<T extends object>(properties: { [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<Partial<T>> {
  return fc.record(properties, { requiredKeys: [] }) as Arbitrary<Partial<T>>;
}

const small = (most: number): Arbitrary<number> => fc.integer({ min: 1, max: most });

const timeWindow = perhaps({ duration: spans, buckets: fc.constantFrom(1, 2, 3, 5, 10) });
const countWindow = perhaps({ size: fc.constantFrom(1, 2, 3, 5, 6, 33) });

const rules = perhaps({
  failureThreshold: small(4),
  consecutiveFailureThreshold: small(4),
  failureRateThreshold: rates,
  slow: fc.record({ slowCallRateThreshold: rates, slowCallDuration: fc.constantFrom(1, 5, 10) }),
  minimumCalls: small(5),
});

const openTime = fc
  .tuple(
    spans,
    perhaps({ factor: fc.constantFrom(1, 1.5, 2, 3.7, 100), jitter: fc.constantFrom(0, 0.5, 1) }),
    fc.option(fc.constantFrom(1, 1.7, 4), { nil: undefined }),
  )
  .map(([initial, others, growth]) => ({
    initial,
    ...others,
    ...(growth === undefined ? {} : { max: initial * growth }),
  }));

const verdict = fc.oneof(
  perhaps({ successThreshold: small(3) }),
  perhaps({ halfOpen: fc.record({ calls: small(5), failureRateThreshold: rates }) }),
);

const others = perhaps({
  resetTimeout: fc.oneof(spans, openTime),
  maxConcurrentRequests: small(4),
  timeout: fc.oneof(fc.constant(false), fc.constant(0), spans),
  seed: fc.nat(),
});

const recovery = fc.option(fc.tuple(spans, perhaps({ initialShare: fc.constantFrom(0.25, 0.1, 0.5, 1, 0.3) })), {
  nil: undefined,
  freq: 2,
});

const inFlight = fc.option(perhaps({ limit: fc.oneof(fc.constantFrom(false as const, 0), small(4)) }), {
  nil: undefined,
  freq: 1,
});

/** Drops options that exclude one another, or thresholds that could never be reached. */
const options: Arbitrary<object> = fc
  .tuple(
    rules,
    fc.oneof(
      fc.constant(undefined),
      timeWindow.map((window) => ({ type: 'time', ...window })),
      countWindow.map((window) => ({ type: 'count', ...window })),
    ),
    verdict,
    others,
    recovery,
    inFlight,
    fc.boolean(),
  )
  .map(([{ slow, ...rules }, window, verdict, others, recovery, inFlight, timed]) => {
    const most = (window as { size?: number } | undefined)?.size ?? Infinity;
    const looksAtRates = rules.failureRateThreshold !== undefined || slow !== undefined;
    const written: Record<string, unknown> = { ...rules, ...slow, ...verdict, ...others };
    if (!looksAtRates) delete written['minimumCalls'];
    for (const name of ['failureThreshold', 'minimumCalls']) {
      if (typeof written[name] === 'number') written[name] = Math.min(written[name], most);
    }
    if (window !== undefined) written['window'] = window;
    if (recovery !== undefined) written['recovery'] = { ramp: recovery[0], ...recovery[1] };
    const watchesForNothing = slow === undefined && (inFlight?.limit === false || inFlight?.limit === 0);
    if (inFlight !== undefined && !watchesForNothing) written['inFlight'] = inFlight;
    if (!timed && slow === undefined) written['responseTimes'] = false;
    return written;
  });

const wait: Arbitrary<Partial<Operation>> = fc.oneof(
  { weight: 40, arbitrary: fc.constant({}) },
  { weight: 25, arbitrary: fc.record({ wait: steps }) },
  { weight: 25, arbitrary: fc.record({ due: fc.nat(3), wait: around }) },
  { weight: 3, arbitrary: fc.record({ wait: gaps }) },
  { weight: 3, arbitrary: fc.constant({ wait: -5 }) },
  { weight: 1, arbitrary: fc.constant({ blank: true }) },
);

const outcome: Arbitrary<Partial<Operation>> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  { weight: 10, arbitrary: fc.constant({ outcome: 'failure' as Outcome }) },
  { weight: 2, arbitrary: fc.constant({ outcome: 'timeout' as Outcome }) },
  { weight: 2, arbitrary: fc.constant({ outcome: 'ignored' as Outcome }) },
  { weight: 2, arbitrary: fc.constant({ outcome: 'withdrawn' as Outcome }) },
  { weight: 1, arbitrary: fc.record({ openFor: fc.constantFrom(1, 0.001, 7, 40, 1e12) }) },
);

const settled = fc
  .tuple(outcome, perhaps({ duration: durations }))
  .map(([outcome, duration]) => ({ ...outcome, ...duration }));

const acts: readonly Act[] = [
  ...(['poll', 'look', 'look', 'releaseOverride', 'releaseOverride'] as const),
  ...(['forceOpen', 'forceClosed', 'shadow', 'reset'] as const),
];

const act: Arbitrary<Operation> = fc.oneof(
  {
    weight: 25,
    arbitrary: settled.map((settled) => ({ do: 'call' as const, ...settled })),
  },
  {
    weight: 10,
    arbitrary: fc
      .tuple(settled, fc.integer({ min: 2, max: 6 }), perhaps({ every: steps }))
      .map(([settled, times, every]) => ({ do: 'call' as const, times, ...every, ...settled })),
  },
  { weight: 25, arbitrary: fc.constant({ do: 'admit' as const }) },
  {
    weight: 25,
    arbitrary: fc
      .tuple(settled, fc.nat(7), fc.nat(6))
      .map(([settled, which, chance]) => ({ do: 'settle' as const, which, again: chance === 6, ...settled })),
  },
  { weight: 14, arbitrary: fc.constantFrom(...acts).map((act) => ({ do: act })) },
  { weight: 3, arbitrary: fc.nat(3).map((which) => ({ do: 'release' as const, which })) },
  { weight: 1, arbitrary: perhaps({ restoreAt: clocks }).map((at) => ({ do: 'restore' as const, ...at })) },
);

const operation: Arbitrary<Operation> = fc.tuple(wait, act).map(([wait, act]) => ({ ...wait, ...act }));

export const programs: Arbitrary<Program> = fc.record({
  at: clocks,
  options,
  operations: fc.array(operation, { minLength: 1, maxLength: MOST_OPERATIONS, size: 'max' }),
});
