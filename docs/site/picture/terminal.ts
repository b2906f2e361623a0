/** Terminal of a fixed size that keeps its screen, with the sequences that the demo uses. */

/** Colour and weight of a character. */
export interface Style {
  readonly colour: 'default' | 'red' | 'green' | 'yellow';
  readonly bold: boolean;
  readonly dim: boolean;
}

/** One character of the screen. */
export interface Cell {
  readonly character: string;
  readonly style: Style;
}

const PLAIN: Style = { colour: 'default', bold: false, dim: false };
const BLANK: Cell = { character: ' ', style: PLAIN };

/** Changes that a colour code of `ESC [ … m` makes to the style. */
const CODES: Readonly<Record<string, Partial<Style>>> = {
  '': PLAIN,
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  22: { bold: false, dim: false },
  31: { colour: 'red' },
  32: { colour: 'green' },
  33: { colour: 'yellow' },
  39: { colour: 'default' },
};

/** A control sequence, a control character, or any other character. */
const TOKEN = /\x1b\[(?<parameters>[?\d;]*)(?<command>[A-Za-z])|(?<control>[\r\n])|(?<character>[^\x00-\x1f])/gu;

/** The screen. Output that does not fit scrolls it. */
export class Terminal {
  readonly columns: number;
  readonly rows: number;
  #screen: Cell[][];
  #row = 0;
  #column = 0;
  #style = PLAIN;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#screen = Array.from({ length: rows }, () => this.#blankRow());
  }

  /** Returns the lines of the screen, without the blank ones at its end. */
  get lines(): readonly (readonly Cell[])[] {
    const last = this.#screen.findLastIndex((row) => row.some(({ character }) => character !== ' '));
    return this.#screen.slice(0, last + 1);
  }

  /** Processes output of a program. */
  write(output: string): void {
    for (const { groups = {} } of output.matchAll(TOKEN)) {
      const { parameters = '', command, control, character } = groups;
      if (command !== undefined) this.#execute(command, parameters);
      else if (control === '\r') this.#column = 0;
      else if (control === '\n') this.#feed();
      else if (character !== undefined) this.#put(character);
    }
  }

  #execute(command: string, parameters: string): void {
    if (parameters.startsWith('?')) return;
    if (command === 'm') {
      for (const code of parameters.split(';')) this.#style = { ...this.#style, ...CODES[code] };
    } else if (command === 'A') {
      this.#row = Math.max(0, this.#row - Number(parameters || 1));
    } else if (command === 'H') {
      [this.#row, this.#column] = [0, 0];
    } else if (command === 'K') {
      this.#erase(this.#row, this.#column);
    } else if (command === 'J') {
      const isWhole = parameters === '2';
      if (!isWhole) this.#erase(this.#row, this.#column);
      for (let row = isWhole ? 0 : this.#row + 1; row < this.rows; row += 1) this.#erase(row, 0);
    } else {
      throw new Error(`the terminal does not know the sequence ESC [ ${parameters}${command}`);
    }
  }

  #put(character: string): void {
    if (this.#column >= this.columns) {
      this.#feed();
      this.#column = 0;
    }
    this.#line(this.#row)[this.#column] = { character, style: this.#style };
    this.#column += 1;
  }

  #feed(): void {
    if (this.#row < this.rows - 1) {
      this.#row += 1;
    } else {
      this.#screen = [...this.#screen.slice(1), this.#blankRow()];
    }
  }

  #erase(row: number, from: number): void {
    this.#line(row).fill(BLANK, from);
  }

  #line(row: number): Cell[] {
    return this.#screen[row] as Cell[];
  }

  #blankRow(): Cell[] {
    return Array.from({ length: this.columns }, () => BLANK);
  }
}
