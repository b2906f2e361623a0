import type { BreakerStats, CircuitBreaker, CircuitState, FailureEvent } from 'fusewire';
import type { Attributes, Counter, DurationHistogram, Meter, Observable, ObservableResult } from './telemetry-api.ts';

/** Upper bounds of the histogram's buckets in seconds, where the SDK has no others. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];

/** Largest number of names of breakers that have gone. */
const MOST_GONE = 1_000;

/** Instruments of breakers. */
export class BreakerInstruments {
  readonly #breakers = new Set<CircuitBreaker>();
  /** Names of breakers that have gone. The SDK repeats the last value of a series for ever, so that theirs must be 0. */
  readonly #gone = new Set<string>();
  readonly #rejections: Counter;
  readonly #transitions: Counter;
  readonly #durations: DurationHistogram | undefined;
  readonly #observed: readonly (readonly [Observable, (result: ObservableResult) => void])[];

  constructor(meter: Meter, durations: boolean) {
    this.#rejections = meter.createCounter('fusewire.breaker.rejections', {
      description: 'Calls that were not admitted, by the reason',
      unit: '{call}',
    });
    this.#transitions = meter.createCounter('fusewire.breaker.transitions', {
      description: 'Transitions by the states and the reason',
      unit: '{transition}',
    });
    if (durations) {
      this.#durations = meter.createHistogram('fusewire.breaker.call.duration', {
        description: 'Durations of the calls that succeeded, failed or timed out',
        unit: 's',
        advice: { explicitBucketBoundaries: BOUNDS },
      });
    }
    this.#observed = [
      [
        meter.createObservableCounter('fusewire.breaker.calls', {
          description: 'Calls that were admitted, by the outcome',
          unit: '{call}',
        }),
        (result) => this.#observe((stats) => observeCalls(stats, result)),
      ],
      [
        meter.createObservableUpDownCounter('fusewire.breaker.state', {
          description: 'Whether callers experience this state: 1 or 0',
          unit: '{breaker}',
        }),
        (result) => {
          for (const name of this.#gone) observeState(name, undefined, result);
          this.#observe(({ name, state }) => observeState(name, state, result));
        },
      ],
      [
        meter.createObservableUpDownCounter('fusewire.breaker.in_flight', {
          description: 'Calls that have not ended',
          unit: '{call}',
        }),
        (result) => {
          for (const name of this.#gone) result.observe(0, attributesOf(name));
          this.#observe(({ name, inFlight }) => result.observe(inFlight, attributesOf(name)));
        },
      ],
    ];
    for (const [instrument, callback] of this.#observed) instrument.addCallback(callback);
  }

  /** Records what happens to a breaker. Returns a function that ends it. */
  watch(breaker: CircuitBreaker): () => void {
    const name = attributesOf(breaker.name);
    const record = (outcome: string, duration: number | null, type?: string) => {
      if (duration === null) return;
      const attributes = { ...name, 'fusewire.outcome': outcome };
      this.#durations?.record(
        duration / 1_000,
        type === undefined ? attributes : { ...attributes, 'error.type': type },
      );
    };
    const listeners = [
      breaker.on('reject', ({ reason }) => this.#rejections.add(1, { ...name, 'fusewire.rejection.reason': reason })),
      breaker.on('stateChange', ({ from, to, reason, shadow }) => {
        if (shadow) return;
        const states = { 'fusewire.state.from': wordOf(from), 'fusewire.state.to': wordOf(to) };
        this.#transitions.add(1, { ...name, ...states, 'fusewire.transition.reason': reason });
      }),
      ...(this.#durations === undefined
        ? []
        : [
            breaker.on('success', ({ duration }) => record('success', duration)),
            breaker.on('failure', ({ duration, error }) => record('failure', duration, errorType(error))),
          ]),
    ];
    this.#breakers.add(breaker);
    this.#gone.delete(breaker.name);
    return () => {
      this.#breakers.delete(breaker);
      this.#forget(breaker.name);
      for (const remove of listeners) remove();
    };
  }

  end(): void {
    for (const [instrument, callback] of this.#observed) instrument.removeCallback(callback);
  }

  #observe(observe: (stats: BreakerStats) => void): void {
    for (const breaker of this.#breakers) if (!breaker.disposed) observe(breaker.getStats());
  }

  #forget(name: string): void {
    if ([...this.#breakers].some((other) => other.name === name)) return;
    this.#gone.add(name);
    const [oldest] = this.#gone;
    if (this.#gone.size > MOST_GONE) this.#gone.delete(oldest as string);
  }
}

function observeCalls(stats: BreakerStats, result: ObservableResult): void {
  const observe = (outcome: string, value: number) =>
    result.observe(value, { ...attributesOf(stats.name), 'fusewire.outcome': outcome });
  observe('success', stats.totalSuccesses);
  observe('failure', stats.totalFailures - stats.totalTimeouts);
  if (stats.totalTimeouts > 0) observe('timeout', stats.totalTimeouts);
  if (stats.totalIgnored > 0) observe('ignored', stats.totalIgnored);
}

function observeState(name: string, state: CircuitState | undefined, result: ObservableResult): void {
  for (const each of STATES)
    result.observe(each === state ? 1 : 0, { ...attributesOf(name), 'fusewire.state': wordOf(each) });
}

/** Returns the attributes of a breaker's metrics. */
export function attributesOf(breaker: string): Attributes {
  return { 'fusewire.breaker.name': breaker };
}

/** Returns the name of a state as an attribute has it. */
export function wordOf(state: CircuitState): string {
  return state.toLowerCase();
}

/** Returns the class of an error, of which there are few; messages would be without number. */
function errorType(error: FailureEvent['error']): string {
  if (error instanceof Error) return error.constructor.name || error.name;
  return error === undefined ? 'unexpected_result' : '_OTHER';
}
