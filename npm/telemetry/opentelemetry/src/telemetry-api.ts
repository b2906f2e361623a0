/** Attributes of a measurement, a span or an event. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Instrument that takes measurements as they happen. */
export interface Counter {
  add(value: number, attributes?: Attributes): void;
}

/** Instrument that takes durations. */
export interface DurationHistogram {
  record(value: number, attributes?: Attributes): void;
}

/** Receiver of the values at a collection. */
export interface ObservableResult {
  observe(value: number, attributes?: Attributes): void;
}

/** Instrument whose values are read at a collection. */
export interface Observable {
  addCallback(callback: (result: ObservableResult) => void): void;
  removeCallback(callback: (result: ObservableResult) => void): void;
}

interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

/** Meter: the part of it that this package uses. */
export interface Meter {
  createCounter(name: string, options: InstrumentOptions): Counter;
  createHistogram(name: string, options: InstrumentOptions): DurationHistogram;
  createObservableCounter(name: string, options: InstrumentOptions): Observable;
  createObservableUpDownCounter(name: string, options: InstrumentOptions): Observable;
}

/** Span: the part of it that this package uses. */
export interface Span {
  setAttribute(name: string, value: string): unknown;
  addEvent(name: string, attributes?: Attributes): unknown;
}

/** The module `@opentelemetry/api`: the part of it that this package uses. */
export interface TelemetryApi {
  readonly metrics: { getMeter(name: string): Meter };
  readonly trace: { getActiveSpan(): Span | undefined };
}
