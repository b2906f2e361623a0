/** Files of the repository that pages lead to, each as a page of its own. */
import type { Page } from './layout.ts';
import { codeBlock, escapeHtml } from './markdown.ts';
import { isFile, read } from './repository.ts';

const LANGUAGES: Readonly<Record<string, string>> = { mjs: 'js', cjs: 'js', rs: 'rust' };

export class SourcePages {
  readonly #files = new Set<string>();

  /** The address of a file, at the line in which `part` stands; undefined for what is no file. */
  addressOf(file: string, part: string | undefined): string | undefined {
    if (!isFile(file)) return undefined;
    this.#files.add(file);
    const line = part === undefined ? -1 : linesOf(file).findIndex((text) => text.includes(part));
    return `${nameOf(file)}.html${line < 0 ? '' : `#L${line + 1}`}`;
  }

  /** A page for each file that somebody asked for the address of. */
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
