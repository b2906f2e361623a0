/** Strip of cells that the pointer paints. The text field of the pattern serves the keyboard. */
import { CELLS } from './pattern.ts';
import type { Kind, Pattern } from './pattern.ts';

/** The pattern, shown as coloured cells. */
export class PatternStrip {
  readonly #cells: HTMLElement[];
  readonly #kind: () => Kind;
  readonly #onChange: (pattern: Pattern) => void;
  #painting: number | undefined;

  constructor(element: HTMLElement, kind: () => Kind, onChange: (pattern: Pattern) => void) {
    this.#kind = kind;
    this.#onChange = onChange;
    this.#cells = Array.from({ length: CELLS }, () => document.createElement('i'));
    element.replaceChildren(...this.#cells);
    const cellAt = ({ clientX }: PointerEvent): number => {
      const { left, width } = element.getBoundingClientRect();
      return Math.min(CELLS - 1, Math.max(0, Math.floor(((clientX - left) / width) * CELLS)));
    };
    element.addEventListener('pointerdown', (event) => {
      element.setPointerCapture(event.pointerId);
      this.#painting = cellAt(event);
      this.#paint(this.#painting);
    });
    element.addEventListener('pointermove', (event) => this.#painting !== undefined && this.#paint(cellAt(event)));
    for (const name of ['pointerup', 'pointercancel'])
      element.addEventListener(name, () => (this.#painting = undefined));
  }

  get pattern(): Pattern {
    return this.#cells.map((cell) => cell.dataset['kind'] as Kind);
  }

  show(pattern: Pattern): void {
    pattern.forEach((kind, index) => ((this.#cells[index] as HTMLElement).dataset['kind'] = kind));
  }

  /** Paints from the previous cell to `cell`: a fast pointer skips cells. */
  #paint(cell: number): void {
    const from = this.#painting ?? cell;
    for (let index = Math.min(from, cell); index <= Math.max(from, cell); index += 1) {
      (this.#cells[index] as HTMLElement).dataset['kind'] = this.#kind();
    }
    this.#painting = cell;
    this.#onChange(this.pattern);
  }
}
