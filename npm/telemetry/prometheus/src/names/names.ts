import type { Family, FamilyHead, Labels, Sample } from '../families.ts';
import type { PolicyCount } from '../policy-tally.ts';
import type { SeriesReading } from '../series.ts';

/** Values at a scrape. */
export interface Readings {
  readonly breakers: readonly SeriesReading[];
  readonly policies: readonly PolicyCount[];
}

/** Names under which the values are published. */
export interface Names {
  readonly heads: readonly FamilyHead[];
  /** Returns the metrics in the order of `heads`. */
  write(readings: Readings): readonly Family[];
}

/** Metric of breakers. */
export interface BreakerMetric extends FamilyHead {
  /** Writes the series of the breakers with one label. */
  readonly write: (reading: SeriesReading, labels: Labels, samples: Sample[]) => void;
}

/** Returns metrics of breakers with all their series. `label` is the name of the label with the name of a breaker. */
export function familiesOf(metrics: readonly BreakerMetric[], label: string, { breakers }: Readings): Family[] {
  const labelled = breakers.map((reading) => [reading, { [label]: reading.label }] as const);
  return metrics.map((metric) => {
    const samples: Sample[] = [];
    for (const [reading, labels] of labelled) metric.write(reading, labels, samples);
    return { ...metric, samples };
  });
}

/** Returns the value of a series that is not part of a histogram. */
export function sample(labels: Labels, value: number): Sample {
  return { suffix: '', labels, value };
}
