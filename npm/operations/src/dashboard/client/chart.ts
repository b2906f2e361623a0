import uPlot from 'uplot';
import { h } from './dom.ts';
import type { Rates } from '../../display/history.ts';

/** Line of a chart. */
export interface Line {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly color: string;
  readonly value: (rates: Rates) => number | null;
}

/** Chart of the calls or the durations of one breaker. */
export class Chart {
  readonly #lines: readonly Line[];
  readonly #plot: uPlot;
  readonly #observer: ResizeObserver;

  constructor(parent: HTMLElement, unit: (value: number) => string, lines: readonly Line[]) {
    const color = colorsIn(parent);
    const axis = { stroke: color('faint'), grid: { stroke: color('line'), width: 1 }, ticks: { show: false } };
    this.#lines = lines;
    this.#plot = new uPlot(
      {
        width: Math.max(parent.clientWidth, 200),
        height: 180,
        legend: { live: false },
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
        axes: [axis, { ...axis, size: 64, values: (_, values) => values.map(unit) }],
        series: [
          {},
          ...lines.map(({ label, color: name }) => ({
            label,
            stroke: color(name),
            width: 1.5,
            points: { show: false },
          })),
        ],
      },
      [[], ...lines.map(() => [])],
      parent,
    );
    this.#observer = new ResizeObserver(() =>
      this.#plot.setSize({ width: Math.max(parent.clientWidth, 200), height: 180 }),
    );
    this.#observer.observe(parent);
  }

  draw(series: readonly Rates[]): void {
    this.#plot.setData([series.map(({ time }) => time), ...this.#lines.map(({ value }) => series.map(value))]);
  }

  close(): void {
    this.#observer.disconnect();
    this.#plot.destroy();
  }
}

/** Returns a function that returns a colour of the style sheet as a canvas needs it: resolved for light or dark. */
function colorsIn(parent: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = h('span', { class: `color-${name}` });
    parent.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
