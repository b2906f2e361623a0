// Words, columns and colours. styleText leaves the colours out where they are not wanted: NO_COLOR, or not a terminal.

import { stripVTControlCharacters, styleText } from 'node:util';
import type { Journal, State, Transition } from './journal.ts';
import type { Phase } from './script.ts';

const colours = { CLOSED: 'green', OPEN: 'red', HALF_OPEN: 'yellow' } as const;
// Of different heights, so that the timeline can be read without colour too.
const blocks = { CLOSED: '▁', OPEN: '█', HALF_OPEN: '▄' } as const;

export const bold = (text: string): string => styleText('bold', text);
export const faint = (text: string): string => styleText('dim', text);
export const good = (text: string): string => styleText('green', text);
export const bad = (text: string): string => styleText('red', text);

export function stateName(state: State): string {
  return styleText(colours[state], state.padEnd('HALF_OPEN'.length));
}

/** Of milliseconds. */
export function seconds(value: number): string {
  const tenths = Math.round(value / 100);
  return `${((tenths === 0 ? 0 : tenths) / 10).toFixed(1)} s`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/** Aligns columns under a head: the first to the left, the others to the right. */
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

/** Cuts a line that would not fit, so that the terminal need not wrap it. */
export function clip(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  let room = width - 1;
  let clipped = '';
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    const colour = part.startsWith('\x1b');
    clipped += colour ? part : part.slice(0, room);
    if (!colour) room -= Math.min(room, part.length);
  }
  return `${clipped}…`;
}

export function transitionLine(transition: Transition): string {
  const { at, breaker, from, to } = transition;
  const time = `${(at / 1000).toFixed(2).padStart(6)} s`;
  return `${time}  ${breaker.padEnd(10)}${stateName(from)} → ${stateName(to)}  ${faint(why(transition))}`;
}

function why({ reason, observed }: Transition): string {
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

/** A ruler of phases, and below it one block per breaker and moment. */
export function timeline(journal: Journal, phases: Phase[], breakers: string[], width: number): string[] {
  const label = 10;
  const total = phases.reduce((sum, phase) => sum + phase.duration, 0);
  const step = [250, 500, 1000].find((candidate) => label + total / candidate <= width) ?? 2000;
  const strips = breakers.map((breaker) => {
    let strip = breaker.padEnd(label);
    for (let from = 0; from < Math.min(journal.now, total); from += step) {
      const state = journal.stateDuring(breaker, from, from + step);
      strip += styleText(colours[state], blocks[state]);
    }
    return strip;
  });
  return [faint(' '.repeat(label) + ruler(phases, step)), ...strips];
}

function ruler(phases: Phase[], step: number): string {
  let end = 0;
  let line = '';
  for (const { name, duration } of phases) {
    end += duration;
    const room = Math.round(end / step) - line.length;
    line += clip(name, room - 1).padEnd(room);
  }
  return line;
}
