import { h } from './dom.ts';

/** Rows above and below the visible ones. */
const MARGIN = 6;

/** Element of a row, which shows one item after another. */
export interface RowElement<Item> {
  readonly element: HTMLElement;
  show(item: Item, index: number, count: number): void;
}

/** List of rows of one height, of which only the visible ones exist. */
export class VirtualList<Item extends { readonly key: string }> {
  readonly element: HTMLElement;
  readonly #space: HTMLElement;
  readonly #create: () => RowElement<Item>;
  readonly #rows: RowElement<Item>[] = [];
  readonly #rowHeight: () => number;
  #items: readonly Item[] = [];
  #isDue = false;

  /** @param rowHeight returns the height of a row in pixels. */
  constructor(label: string, rowHeight: () => number, create: () => RowElement<Item>) {
    this.#create = create;
    this.#rowHeight = rowHeight;
    this.#space = h('div', { class: 'rows-space', role: 'list', 'aria-label': label });
    this.element = h('div', { class: 'rows', tabindex: -1 }, this.#space);
    this.element.addEventListener('scroll', () => this.#drawSoon(), { passive: true });
    new ResizeObserver(() => this.#drawSoon()).observe(this.element);
  }

  show(items: readonly Item[]): void {
    this.#items = items;
    this.#draw();
  }

  /** Moves the focus to the row before or after the focused one. */
  move(by: 1 | -1): void {
    const focused = this.#rows.findIndex(({ element }) => element.contains(document.activeElement));
    const position = focused < 0 ? -1 : Number(this.#rows[focused]?.element.dataset['index'] ?? -1);
    const next = Math.max(0, Math.min(this.#items.length - 1, position + by));
    const height = this.#rowHeight();
    const { scrollTop, clientHeight } = this.element;
    if (next * height < scrollTop) this.element.scrollTop = next * height;
    else if ((next + 1) * height > scrollTop + clientHeight)
      this.element.scrollTop = (next + 1) * height - clientHeight;
    this.#draw();
    const row = this.#rows.find(({ element }) => element.dataset['index'] === String(next) && !element.hidden);
    row?.element.querySelector('a')?.focus({ preventScroll: true });
  }

  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw(): void {
    const height = this.#rowHeight();
    const count = this.#items.length;
    this.#space.style.height = `${count * height}px`;
    const first = Math.max(0, Math.floor(this.element.scrollTop / height) - MARGIN);
    const visible = Math.ceil(this.element.clientHeight / height) + 2 * MARGIN;
    const end = Math.min(count, first + visible);
    while (this.#rows.length < end - first) {
      const row = this.#create();
      this.#rows.push(row);
      this.#space.append(row.element);
    }
    // A row keeps its element while it scrolls, so that the focus stays with its item.
    const taken = new Set<RowElement<Item>>();
    for (let index = first; index < end; index++) {
      const row = this.#rows[index % this.#rows.length] as RowElement<Item>;
      taken.add(row);
      row.element.hidden = false;
      row.element.dataset['index'] = String(index);
      row.element.style.transform = `translateY(${index * height}px)`;
      row.show(this.#items[index] as Item, index, count);
    }
    for (const row of this.#rows) if (!taken.has(row)) row.element.hidden = true;
  }
}
