/** Labels of a series, by their names. */
export type Labels = Readonly<Record<string, string>>;

/** Call that stands for a bucket of a histogram. */
export interface Exemplar {
  readonly labels: Labels;
  /** Seconds. */
  readonly value: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Value of one series. */
export interface Sample {
  /** End of the name, such as `_bucket`; empty for all but the series of a histogram. */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** Metric, with all its series. */
export interface Family {
  /** Name as Prometheus stores it: that of a counter ends in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Value of several processes together, such as the workers of a cluster. Default `'sum'`. */
  readonly aggregator?: 'sum' | 'average' | undefined;
  readonly samples: readonly Sample[];
}

/** Name, type and description of a metric. */
export type FamilyHead = Omit<Family, 'samples'>;
