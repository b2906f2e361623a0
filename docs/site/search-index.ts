/** The index of the search, made while building, as a script: pages opened from a disk may not fetch. */
import MiniSearch from 'minisearch';
import { SEARCH_OPTIONS } from './client/search-options.ts';
import type { Page } from './layout.ts';

export function searchIndex(pages: readonly Page[]): string {
  const index = new MiniSearch(SEARCH_OPTIONS);
  const passages = pages.flatMap((page) =>
    page.passages.map(({ heading, text }) => ({
      id: `${page.name}.html#${heading.id}`,
      page: page.title,
      heading: heading.text,
      text: text.slice(0, 1_500),
    })),
  );
  index.addAll(passages);
  return `globalThis.fusewireSearchIndex = ${JSON.stringify(JSON.stringify(index))};\n`;
}
