// Output during the run: a screen that is redrawn in place, or plain lines outside a terminal.

import type { Journal, PhaseMark, Transition } from './journal.ts';
import type { Phase } from './script.ts';
import { bold, clip, faint, seconds, stateName, table, timeline, transitionLine } from './text.ts';
import type { Client } from './traffic.ts';

/** Contents of the output. */
export interface Contents {
  title: string;
  subtitle: string;
  journal: Journal;
  phases: Phase[];
  clients: Client[];
}

/** Receiver of the events of a run. */
export interface View {
  onPhase(mark: PhaseMark): void;
  onTransition(transition: Transition): void;
  close(): void;
}

const framesPerSecond = 10;
const leastRows = 16;

/** Chooses the live screen for a terminal that is high enough, plain lines otherwise. */
export function openView(contents: Contents): View {
  const { isTTY, rows = 24 } = process.stdout;
  return isTTY && process.env.TERM !== 'dumb' && rows >= leastRows ? new LiveView(contents) : new LineView(contents);
}

/** Returns a table of the breakers' own statistics, and of the waiting time they saved their callers. */
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
  readonly #contents: Contents;
  readonly #timer: NodeJS.Timeout;
  #height = 0;

  constructor(contents: Contents) {
    this.#contents = contents;
    process.stdout.write('\x1b[?25l'); // hides the cursor
    process.on('exit', this.#showCursor);
    process.stdout.on('resize', this.#redraw);
    this.#timer = setInterval(this.#draw, 1000 / framesPerSecond);
  }

  onPhase(): void {
    this.#draw();
  }

  onTransition(): void {
    // The next frame shows it.
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

  /** Clears the screen: after a resize the old lines may be wrapped, so their height is unknown. */
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
    const { title, subtitle, journal, phases, clients } = this.#contents;
    const names = clients.map((client) => client.name);
    const total = journal.ends(phases).at(-1) ?? 0;
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
    // All frames have the same height: a frame that grows would scroll the screen.
    return [...top, ...latest, ...Array<string>(Math.max(0, room - latest.length)).fill('')];
  }
}

class LineView implements View {
  readonly #contents: Contents;

  constructor(contents: Contents) {
    this.#contents = contents;
    console.log(`${bold(contents.title)}\n${faint(contents.subtitle)}`);
  }

  onPhase({ phase }: PhaseMark): void {
    if (this.#contents.journal.phases.length > 1) this.#printCounters();
    console.log(`\n${bold(phase)}`);
  }

  onTransition(transition: Transition): void {
    console.log(transitionLine(transition));
  }

  close(): void {
    const { journal, phases, clients } = this.#contents;
    const names = clients.map((client) => client.name);
    this.#printCounters();
    console.log(['', ...timeline(journal, phases, names, process.stdout.columns ?? 80)].join('\n'));
  }

  #printCounters(): void {
    console.log(counters(this.#contents.clients).join('\n'));
  }
}
