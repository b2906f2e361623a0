/** Drawing of a simulation's outcome: lanes, readings and the list of transitions. */
import type { CircuitState } from 'fusewire';
import { CELL_SECONDS, CELLS } from './pattern.ts';
import type { Cell, Outcome } from './simulation.ts';

const LENGTH = CELLS * CELL_SECONDS * 1_000;

/** Shows `outcome` in the calculator `root`. */
export function draw(root: HTMLElement, outcome: Outcome): void {
  const put = (selector: string, html: string): void => {
    const element = root.querySelector(selector);
    if (element) element.innerHTML = html;
  };
  put('svg.states', states(outcome));
  put('svg.calls', calls(outcome.cells));
  put('.readings', readings(outcome));
  put('.transitions ol', transitions(outcome));
}

function states({ transitions }: Outcome): string {
  const bounds = [{ at: 0, to: 'CLOSED' as CircuitState }, ...transitions];
  return bounds
    .map(({ at, to }, index) => {
      const width = (bounds[index + 1]?.at ?? LENGTH) - at;
      // A half-open state of an instant is widened until it is visible.
      const shown = to === 'HALF_OPEN' ? Math.max(width, 900) : width;
      return `<rect data-state="${to}" x="${at / 1_000}" width="${shown / 1_000}" y="0" height="10"><title>${to} from ${clock(at)}</title></rect>`;
    })
    .join('');
}

function calls(cells: readonly Cell[]): string {
  const most = Math.max(1, ...cells.map(({ answered, failed, rejected }) => answered + failed + rejected));
  return cells
    .map((cell, index) => {
      let top = 100;
      return (['answered', 'failed', 'rejected'] as const)
        .map((what) => {
          const height = (cell[what] / most) * 100;
          top -= height;
          if (height === 0) return '';
          return `<rect data-what="${what}" x="${index * CELL_SECONDS}" width="${CELL_SECONDS - 0.35}" y="${top}" height="${height}"/>`;
        })
        .join('');
    })
    .join('');
}

function readings(outcome: Outcome): string {
  const opened = outcome.transitions.filter(({ to }) => to === 'OPEN');
  const first = opened[0];
  const rows: readonly (readonly [string, string, string])[] = [
    [
      'Opened',
      first ? `at ${clock(first.at)}` : 'never',
      first ? `${times(opened.length)} in all, first by ${first.reason}` : '',
    ],
    [
      'Calls saved',
      whole(outcome.rejected),
      `of ${whole(outcome.calls)}; ${whole(outcome.rejectedInVain)} of them would have been answered`,
    ],
    ['Failed', whole(outcome.failed), `and ${whole(outcome.answered)} answered`],
    [
      'Waited for nothing',
      seconds(outcome.wasted),
      `all callers together; ${seconds(outcome.wastedWithout)} without a circuit`,
    ],
    ['In flight at most', whole(outcome.peak), `${whole(outcome.peakWithout)} without a circuit`],
  ];
  return rows.map(([name, value, note]) => `<div><dt>${name}</dt><dd><b>${value}</b> ${note}</dd></div>`).join('');
}

function transitions({ transitions }: Outcome): string {
  return transitions
    .map(({ at, from, to, reason, observed, threshold }) => {
      const numbers = observed === null || threshold === null ? '' : `, ${short(observed)} of ${short(threshold)}`;
      return `<li><b>${clock(at)}</b> ${from} → ${to}: ${reason}${numbers}</li>`;
    })
    .join('');
}

const short = (value: number): string => String(Math.round(value * 1_000) / 1_000);
const whole = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u202f');
const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
const seconds = (milliseconds: number): string => `${whole(Math.round(milliseconds / 1_000))}\u202fs`;

function clock(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  return `${Math.floor(tenths / 600)}:${String(((tenths % 600) / 10).toFixed(1)).padStart(4, '0')}`;
}
