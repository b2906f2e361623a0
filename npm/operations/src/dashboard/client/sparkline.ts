import { svg } from './dom.ts';
import type { History } from '../../display/history.ts';

const WIDTH = 120;
const HEIGHT = 24;
/** Samples that are drawn: the last minute. */
const SAMPLES = 60;

/** A small picture of the calls of the last minute, with the failures and rejections in it. */
export class Sparkline {
  readonly #calls = svg('path', { class: 'spark-calls' });
  readonly #troubles = svg('path', { class: 'spark-troubles' });
  readonly element = svg(
    'svg',
    { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    this.#calls,
    this.#troubles,
  );

  draw(history: History): void {
    const series = history.series(SAMPLES);
    const all = series.map(({ successes, failures, rejected }) => successes + failures + rejected);
    const troubles = series.map(({ failures, rejected }) => failures + rejected);
    const most = Math.max(1, ...all);
    this.#calls.setAttribute('d', area(all, most));
    this.#troubles.setAttribute('d', area(troubles, most));
  }
}

/** Returns the outline of an area under some values, the last one at the right. */
function area(values: readonly number[], most: number): string {
  if (values.length < 2 || values.every((value) => value === 0)) return '';
  const step = WIDTH / (SAMPLES - 1);
  const start = WIDTH - (values.length - 1) * step;
  const points = values.map((value, index) => {
    const y = HEIGHT - (value / most) * (HEIGHT - 1);
    return `${(start + index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${start.toFixed(1)} ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z`;
}
