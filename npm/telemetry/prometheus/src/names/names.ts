import type { Family, FamilyHead } from '../families.ts';
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
