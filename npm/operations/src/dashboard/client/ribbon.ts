import { svg } from './dom.ts';
import { duration, time } from '../../display/format.ts';
import type { Outage } from './recoveries.ts';

const WIDTH = 1_000;

/** Returns a ribbon of a time span, with the outages in it. */
export function ribbon(outages: readonly Outage[], start: number, end: number): SVGSVGElement {
  const x = (at: number) => ((Math.min(Math.max(at, start), end) - start) / (end - start)) * WIDTH;
  const shown = outages.filter(({ to }) => to === undefined || to > start);
  const label = `${shown.length} outages in ${duration(end - start)}`;
  return svg(
    'svg',
    { class: 'ribbon', viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    svg('rect', { class: 'ribbon-closed', width: WIDTH, height: 12 }),
    ...shown.map(({ from, to }) => {
      const width = Math.max(2, x(to ?? end) - x(from));
      const title = `${time(from, end)}: ${to === undefined ? 'not closed yet' : `closed after ${duration(to - from)}`}`;
      return svg('rect', { class: 'ribbon-open', x: x(from), width, height: 12 }, svg('title', {}, title));
    }),
  );
}
