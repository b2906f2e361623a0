import { stripVTControlCharacters, styleText } from 'node:util';

/** Output of a command. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** Colour of a word. */
export type Color = 'red' | 'green' | 'yellow' | 'magenta' | 'gray' | 'bold';

/** Returns a text in a colour, if the terminal has colours. */
export function colored(terminal: Terminal, color: Color, text: string): string {
  return terminal.isInteractive ? styleText(color, text, { validateStream: false }) : text;
}

/** Returns a text without what would control a terminal, on one line. Names and messages come from elsewhere. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}

/** Returns a text cut or filled to a width. */
export function fit(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return side === 'left' ? cut.padEnd(width) : cut.padStart(width);
}

/** Shows one screen after another in place, and brings the old content back at the end. */
export class Screen {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.write('\x1b[?1049h\x1b[?25l');
  }

  show(lines: readonly string[]): void {
    const shown = lines.slice(0, this.#terminal.rows - 1).map((line) => `${line}\x1b[K`);
    this.#terminal.write(`\x1b[H${shown.join('\n')}\x1b[J`);
  }

  close(): void {
    this.#terminal.write('\x1b[?25h\x1b[?1049l');
  }
}
