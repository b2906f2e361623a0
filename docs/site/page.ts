/** Types of pages, shared by everything that makes one. */

/** A page before it is rendered. */
export interface Source {
  /** Address of the page, without `.html`. */
  readonly name: string;
  /** Markdown of the page. It begins with the title. */
  readonly text: string;
}

/** A heading of a page. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

/** The text under one heading, as the search indexes it. */
export interface Passage {
  readonly heading: Heading;
  readonly text: string;
}

/** HTML of a page, with the headings and texts it was made of. */
export interface Rendered {
  readonly html: string;
  readonly headings: readonly Heading[];
  readonly passages: readonly Passage[];
}

/** A rendered page. */
export interface Page extends Rendered {
  readonly name: string;
  readonly title: string;
}
