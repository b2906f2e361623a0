/** Search index, as a script: a page opened from a disk may load scripts but not fetch data. */
import MiniSearch from 'minisearch';
import { SEARCH_OPTIONS } from './client/search-options.ts';
import type { Page } from './page.ts';

/** Returns the script that defines the search index of `pages`. */
export function searchIndex(pages: readonly Page[]): string {
  const index = new MiniSearch(SEARCH_OPTIONS);
  const passages = pages.flatMap((page) =>
    page.passages.map(({ heading, text }) => ({
      id: `${page.name}.html#${heading.id}`,
      page: page.title,
      heading: heading.text,
      text: text.slice(0, page.name.startsWith('api/') ? 400 : 1_500),
    })),
  );
  index.addAll(passages);
  return `globalThis.fusewireSearchIndex = ${JSON.stringify(JSON.stringify(index))};\n`;
}
