// Formatting of texts, tables and colours. styleText omits the colours with NO_COLOR and outside a terminal.

import { stripVTControlCharacters, styleText } from 'node:util';
import type { Journal, State, Transition } from './journal.ts';
import type { Phase } from './script.ts';

const colours = { CLOSED: 'green', OPEN: 'red', HALF_OPEN: 'yellow' } as const;
// Of different heights, so that the timeline is readable without colour.
const blocks = { CLOSED: '▁', OPEN: '█', HALF_OPEN: '▄' } as const;

export const bold = (text: string): string => styleText('bold', text);
export const faint = (text: string): string => styleText('dim', text);
export const good = (text: string): string => styleText('green', text);
export const bad = (text: string): string => styleText('red', text);

export function stateName(state: State): string {
  return styleText(colours[state], state.padEnd('HALF_OPEN'.length));
}

/** Formats milliseconds as seconds. */
export function seconds(value: number): string {
  const tenths = Math.round(value / 100);
  return `${((tenths === 0 ? 0 : tenths) / 10).toFixed(1)} s`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/** Aligns columns under a head: the first column to the left, the others to the right. */
export function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => visibleLength(row[column] ?? ''))));
  const line = (row: string[]) => widths.map((width, column) => pad(row[column] ?? '', width, column > 0)).join('  ');
  return [faint(line(head)), ...rows.map(line)];
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - visibleLength(cell));
  return right ? space + cell : cell + space;
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Cuts a line to `width`, so that the terminal does not wrap it. */
export function clip(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  let room = width - 1;
  let clipped = '';
  for (const piece of line.split(/(\x1b\[[\d;]*m)/)) {
    const colour = piece.startsWith('\x1b');
    clipped += colour ? piece : piece.slice(0, room);
    if (!colour) room -= Math.min(room, piece.length);
  }
  return `${clipped}…`;
}

export function transitionLine(transition: Transition): string {
  const { at, breaker, from, to } = transition;
  const time = `${(at / 1000).toFixed(2).padStart(6)} s`;
  return `${time}  ${breaker.padEnd(10)}${stateName(from)} → ${stateName(to)}  ${faint(explanation(transition))}`;
}

function explanation({ reason, observed }: Transition): string {
  const number = observed ?? 0;
  switch (reason) {
    case 'failure-threshold':
      return `${number} failures in the window`;
    case 'consecutive-failures':
      return `${number} failures in a row`;
    case 'failure-rate':
      return `${Math.round(number * 100)} % of the calls failed`;
    case 'slow-call-rate':
      return `${Math.round(number * 100)} % of the calls were slow`;
    case 'open-time-elapsed':
      return `open for ${seconds(number)}`;
    case 'probe-failed':
      return 'a probe failed';
    case 'probe-expired':
      return 'a probe took too long';
    case 'probe-failure-rate':
      return `${Math.round(number * 100)} % of the probes failed`;
    case 'probes-succeeded':
      return `${number} probes succeeded`;
    default:
      return reason;
  }
}

/** Returns a ruler of phases, and below it a row of blocks for each breaker. */
export function timeline(journal: Journal, phases: Phase[], breakers: string[], width: number): string[] {
  const label = 10;
  const ends = journal.ends(phases);
  const total = ends.at(-1) ?? 0;
  const step = [250, 500, 1000, 2000].find((candidate) => label + total / candidate <= width) ?? 5000;
  const strips = breakers.map((breaker) => {
    let strip = breaker.padEnd(label);
    for (let from = 0; from < Math.min(journal.now, total); from += step) {
      const state = journal.stateDuring(breaker, from, from + step);
      strip += styleText(colours[state], blocks[state]);
    }
    return strip;
  });
  return [faint(' '.repeat(label) + ruler(phases, ends, step)), ...strips];
}

function ruler(phases: Phase[], ends: number[], step: number): string {
  let line = '';
  for (const [index, { name }] of phases.entries()) {
    const room = Math.round((ends[index] ?? 0) / step) - line.length;
    line += clip(name, room - 1).padEnd(room);
  }
  return line;
}
