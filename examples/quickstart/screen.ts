// What a person sees while it runs: a picture that is redrawn in place, or plain lines where there is no terminal.

import type { Journal, PhaseMark, Transition } from './journal.ts';
import type { Phase } from './script.ts';
import { bold, clip, faint, seconds, stateName, table, timeline, transitionLine } from './text.ts';
import type { Client } from './traffic.ts';

export interface Show {
  title: string;
  subtitle: string;
  journal: Journal;
  phases: Phase[];
  clients: Client[];
}

export interface View {
  onPhase(mark: PhaseMark): void;
  onTransition(transition: Transition): void;
  close(): void;
}

const framesPerSecond = 10;
const leastRows = 16;

export function openView(show: Show): View {
  const { isTTY, rows = 24 } = process.stdout;
  return isTTY && process.env.TERM !== 'dumb' && rows >= leastRows ? new LiveView(show) : new LineView(show);
}

/** The numbers that a program can read from its breakers, and the time that its callers were spared. */
export function counters(clients: Client[]): string[] {
  const rows = clients.map(({ name, breaker, saved }) => {
    const stats = breaker.getStats();
    return [
      name,
      stateName(stats.state),
      String(stats.totalRequests),
      String(stats.totalFailures),
      String(stats.totalRejected),
      seconds(saved),
    ];
  });
  const head = ['', 'state    ', 'requests', 'failures', 'rejected', 'time saved'];
  return table(head, rows);
}

class LiveView implements View {
  readonly #show: Show;
  readonly #timer: NodeJS.Timeout;
  #height = 0;

  constructor(show: Show) {
    this.#show = show;
    process.stdout.write('\x1b[?25l'); // hides the cursor
    process.on('exit', this.#showCursor);
    process.stdout.on('resize', this.#redraw);
    this.#timer = setInterval(this.#draw, 1000 / framesPerSecond);
  }

  onPhase(): void {
    this.#draw();
  }

  onTransition(): void {
    // Seen at the next frame.
  }

  close(): void {
    clearInterval(this.#timer);
    process.stdout.off('resize', this.#redraw);
    process.off('exit', this.#showCursor);
    this.#draw();
    this.#showCursor();
  }

  #showCursor = (): void => {
    process.stdout.write('\x1b[?25h');
  };

  /** After a resize the old lines may have been wrapped, so the way back up to them is not known. */
  #redraw = (): void => {
    process.stdout.write('\x1b[2J\x1b[H');
    this.#height = 0;
    this.#draw();
  };

  #draw = (): void => {
    const { columns = 80, rows = 24 } = process.stdout;
    const lines = this.#frame(columns, rows).map((line) => `${clip(line, columns)}\x1b[K\n`);
    const up = this.#height > 0 ? `\x1b[${this.#height}A` : '';
    process.stdout.write(`${up}\r${lines.join('')}\x1b[J`);
    this.#height = lines.length;
  };

  #frame(columns: number, rows: number): string[] {
    const { title, subtitle, journal, phases, clients } = this.#show;
    const names = clients.map((client) => client.name);
    const total = phases.reduce((sum, phase) => sum + phase.duration, 0);
    const top = [
      bold(title),
      faint(subtitle),
      `${seconds(Math.min(journal.now, total))} of ${seconds(total)}`,
      '',
      ...timeline(journal, phases, names, columns),
      '',
      ...counters(clients),
      '',
    ];
    const room = Math.min(8, rows - top.length - 1);
    const latest = room > 0 ? journal.transitions.slice(-room).map(transitionLine) : [];
    // The same height from the first frame on: a picture that grows would push itself upwards.
    return [...top, ...latest, ...Array<string>(Math.max(0, room - latest.length)).fill('')];
  }
}

class LineView implements View {
  readonly #show: Show;

  constructor(show: Show) {
    this.#show = show;
    console.log(`${bold(show.title)}\n${faint(show.subtitle)}`);
  }

  onPhase({ phase }: PhaseMark): void {
    if (this.#show.journal.phases.length > 1) this.#printCounters();
    console.log(`\n${bold(phase)}`);
  }

  onTransition(transition: Transition): void {
    console.log(transitionLine(transition));
  }

  close(): void {
    const { journal, phases, clients } = this.#show;
    const names = clients.map((client) => client.name);
    this.#printCounters();
    console.log(['', ...timeline(journal, phases, names, process.stdout.columns ?? 80)].join('\n'));
  }

  #printCounters(): void {
    console.log(counters(this.#show.clients).join('\n'));
  }
}
