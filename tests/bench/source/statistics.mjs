/**
 * The middle value; the mean of the two middle ones when their number is even.
 * @param {readonly number[]} values
 * @returns {number} NaN for no values
 */
export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {readonly number[]} values */
export function fastest(values) {
  return values.length === 0 ? NaN : Math.min(...values);
}

/**
 * One sample: the contender's loop between two bare loops, in nanoseconds per call.
 * @typedef {{ bareBefore: number, contender: number, bareAfter: number }} Sample
 */

/**
 * Returns the statistics of a contender's samples.
 * `ns` and `nsFastest` are absolute; `nsOverBare` is the median of the paired differences, each against the mean of
 * the two bare loops around it; `nsOverBareFastest` is the fastest contender loop minus the fastest bare loop;
 * `ratio` is the median of contender / bare.
 * @param {readonly Sample[]} samples
 */
export function summarize(samples) {
  const bareOf = (/** @type {Sample} */ sample) => (sample.bareBefore + sample.bareAfter) / 2;
  const contender = samples.map((sample) => sample.contender);
  const bareFastest = fastest(samples.flatMap((sample) => [sample.bareBefore, sample.bareAfter]));
  return {
    ns: median(contender),
    nsFastest: fastest(contender),
    nsOverBare: median(samples.map((sample) => sample.contender - bareOf(sample))),
    nsOverBareFastest: fastest(contender) - bareFastest,
    ratio: median(samples.map((sample) => sample.contender / bareOf(sample))),
    bareNs: median(samples.map(bareOf)),
    bareNsFastest: bareFastest,
    samples: samples.length,
  };
}

/**
 * The same values in random order (Fisher-Yates).
 * @template T
 * @param {readonly T[]} values
 * @returns {T[]}
 */
export function shuffled(values) {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
