import type { BreakerStats } from 'fusewire';
import { Tally } from './tally.ts';
import type { Observation } from './observation.ts';

/** Label of the breakers beyond the limit. */
export const OTHER = 'other';

/** Values of the breakers with one label at a scrape. */
export interface SeriesReading {
  readonly label: string;
  readonly tally: Tally;
  /** Stats of each breaker. */
  readonly stats: readonly BreakerStats[];
}

/** Breakers with one label: usually one, but several if they share a name, or if the limit is reached. */
class Series {
  readonly label: string;
  readonly #bounds: readonly number[] | undefined;
  readonly #observations = new Set<Observation>();
  /** Counters of the breakers that have gone, so that none of the sums decreases; undefined if there were none. */
  #gone: Tally | undefined;

  constructor(label: string, bounds: readonly number[] | undefined) {
    this.label = label;
    this.#bounds = bounds;
  }

  get isEmpty(): boolean {
    return this.#observations.size === 0;
  }

  add(observation: Observation): void {
    this.#observations.add(observation);
  }

  remove(observation: Observation): void {
    this.#observations.delete(observation);
    this.#gone ??= new Tally(this.#bounds);
    this.#gone.add(observation.read().tally);
  }

  read(): SeriesReading {
    const { label } = this;
    const readings = [...this.#observations].map((observation) => observation.read());
    const stats = readings.flatMap((reading) => reading.stats ?? []);
    const [only] = readings;
    if (only !== undefined && readings.length === 1 && this.#gone === undefined)
      return { label, tally: only.tally, stats };
    const tally = new Tally(this.#bounds);
    for (const each of [...readings.map((reading) => reading.tally), this.#gone])
      if (each !== undefined) tally.add(each);
    return { label, tally, stats };
  }
}

/** All series by their labels, which are the names of breakers: as many as the limit allows, and one for all others. */
export class SeriesByLabel {
  readonly #max: number;
  readonly #bounds: readonly number[] | undefined;
  readonly #series = new Map<string, Series>();
  /** Series of each observation, which keeps its label although others go. */
  readonly #placed = new Map<Observation, Series>();

  constructor(max: number, bounds: readonly number[] | undefined) {
    this.#max = max;
    this.#bounds = bounds;
  }

  add(observation: Observation): void {
    const series = this.#seriesFor(observation.breaker.name);
    series.add(observation);
    this.#placed.set(observation, series);
  }

  /** Removes an observation, and its series if no other breaker has it. */
  remove(observation: Observation): void {
    const series = this.#placed.get(observation);
    if (series === undefined) return;
    this.#placed.delete(observation);
    series.remove(observation);
    if (series.isEmpty && series.label !== OTHER) this.#series.delete(series.label);
  }

  read(): SeriesReading[] {
    return Array.from(this.#series.values(), (series) => series.read());
  }

  #seriesFor(name: string): Series {
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    const ownLabels = this.#series.size - (this.#series.has(OTHER) ? 1 : 0);
    const label = ownLabels < this.#max ? name : OTHER;
    const series = this.#series.get(label) ?? new Series(label, this.#bounds);
    this.#series.set(label, series);
    return series;
  }
}
