/** Pages that show the files of the repository to which other pages link. */
import { codeBlock, escapeHtml } from './markdown.ts';
import type { Page } from './page.ts';
import { isFile, read } from './repository.ts';

const LANGUAGES: Readonly<Record<string, string>> = { mjs: 'js', cjs: 'js', rs: 'rust' };

/** The files that are linked to, and their pages. */
export class SourcePages {
  readonly #files = new Set<string>();

  /** Returns the address of a file, at the first line that contains `excerpt`; undefined for a folder. */
  addressOf(file: string, excerpt: string | undefined): string | undefined {
    if (!isFile(file)) return undefined;
    this.#files.add(file);
    const line = excerpt === undefined ? -1 : linesOf(file).findIndex((text) => text.includes(excerpt));
    return `${nameOf(file)}.html${line < 0 ? '' : `#L${line + 1}`}`;
  }

  /** Returns a page for each file whose address was requested. */
  pages(): Page[] {
    return [...this.#files].map(pageOf);
  }
}

function pageOf(file: string): Page {
  const extension = file.slice(file.lastIndexOf('.') + 1);
  let line = 0;
  const code = codeBlock(read(file), LANGUAGES[extension] ?? extension, file).replaceAll(
    '<span class="line">',
    () => `<span class="line" id="L${++line}">`,
  );
  const title = file.slice(file.lastIndexOf('/') + 1);
  return { name: nameOf(file), title, html: `<h1>${escapeHtml(title)}</h1>\n${code}`, headings: [], passages: [] };
}

const nameOf = (file: string): string => `repository/${file.replaceAll('/', '-')}`;

const linesOf = (file: string): string[] => read(file).split('\n');
