/** Puts the site together: pages, styles, scripts and the index of the search. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAssets } from './assets.ts';
import { resolveIncludes } from './includes.ts';
import { layOut } from './layout.ts';
import type { Page } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { navigation } from './navigation.ts';
import { generatedPages, generators } from './reference/index.ts';
import { exists, read } from './repository.ts';
import { searchIndex } from './search-index.ts';
import { SourcePages } from './source-pages.ts';

const pagesFolder = fileURLToPath(new URL('../pages/', import.meta.url));
const pagesInRepository = 'docs/pages';

/** A page before it is rendered. */
export interface Source {
  /** Its address without `.html`. */
  readonly name: string;
  readonly text: string;
}

/** What was built, and what is wrong with it. */
export interface Built {
  /** The names of the pages. */
  readonly pages: readonly string[];
  /** The names of those that show a file of the repository. */
  readonly files: readonly string[];
  /** Links that lead nowhere. */
  readonly problems: readonly string[];
}

/** Writes the whole site into `output`. */
export async function buildSite(output: string): Promise<Built> {
  const problems: string[] = [];
  const sourcePages = new SourcePages();
  const pages = render(sources(), sourcePages, problems);
  const files = sourcePages.pages();
  rmSync(output, { recursive: true, force: true });
  for (const page of [...pages, ...files]) write(output, `${page.name}.html`, layOut(page, pages));
  for (const [name, content] of await buildAssets()) write(output, `assets/${name}`, content);
  write(output, 'assets/search-index.js', searchIndex(pages));
  problems.push(...brokenAnchors([...pages, ...files]));
  const names = (built: readonly Page[]) => built.map(({ name }) => name);
  return { pages: names(pages), files: names(files), problems };
}

/** What the navigation names: written by hand, or made from the code. */
function sources(): Source[] {
  const generated = new Map(generatedPages().map((page) => [page.name, page]));
  return navigation.flatMap(({ pages }) =>
    pages.map(
      (name) => generated.get(name) ?? { name, text: readFileSync(path.join(pagesFolder, `${name}.md`), 'utf8') },
    ),
  );
}

/** Renders the pages, and the documents of the repository that they lead to. */
function render(wanted: readonly Source[], sourcePages: SourcePages, problems: string[]): Page[] {
  const names = new Set(wanted.map(({ name }) => name));
  const queue = [...wanted];
  const pages: Page[] = [];
  for (const source of queue) {
    const addressOf = (target: string, part: string | undefined): string | undefined => {
      const [file = '', anchor] = target.split('#');
      if (/^(https?|mailto):/.test(target) || file === '') return target;
      const inRepository = repositoryFile(file, source.name);
      if (inRepository !== undefined && !exists(inRepository))
        problems.push(`${source.name}: there is no file ${target}`);
      const name = inRepository === undefined ? pageOf(file, source.name) : documentName(inRepository);
      if (inRepository !== undefined && !/\.md$/.test(inRepository)) {
        const address = sourcePages.addressOf(inRepository, part);
        return address && relative(source.name, address);
      }
      if (!names.has(name)) {
        if (inRepository === undefined) {
          problems.push(`${source.name}: there is no page ${target}`);
          return target;
        }
        names.add(name);
        queue.push(documentSource(inRepository));
      }
      return relative(source.name, `${name}.html`) + (anchor === undefined ? '' : `#${anchor}`);
    };
    const rendered = renderMarkdown(resolveIncludes(source.text, generators), addressOf);
    const title = rendered.headings[0];
    if (title?.level !== 1) throw new Error(`${source.name} does not begin with its title`);
    pages.push({ name: source.name, title: title.text, ...rendered });
  }
  return pages;
}

/** Links to parts of pages that are not there. */
function brokenAnchors(pages: readonly Page[]): string[] {
  const parts = new Set(
    pages.flatMap(({ name, html }) => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => `${name}#${id}`)),
  );
  return pages.flatMap(({ name, html }) =>
    [...html.matchAll(/<a href="([^":]*)#([^"]+)"/g)]
      .map(([, file = '', id]) => `${file === '' ? name : pageOf(file.replace(/\.html$/, ''), name)}#${id}`)
      .filter((target) => !parts.has(target))
      .map((target) => `${name}: there is no ${target}`),
  );
}

/** The file of the repository that a link leads to, unless it is a page. */
function repositoryFile(file: string, from: string): string | undefined {
  if (file.startsWith('repository:')) return file.slice('repository:'.length);
  const target = path.posix.join(pagesInRepository, path.posix.dirname(from), file);
  return target.startsWith(`${pagesInRepository}/`) ? undefined : target;
}

/** The page that a document of the repository becomes. */
function documentName(file: string): string {
  return `repository/${file
    .replace(/(\/README)?\.md$/, '')
    .replaceAll('/', '-')
    .toLowerCase()}`;
}

function documentSource(file: string): Source {
  const title = /^# (.*)$/m.exec(read(file))?.[1] ?? file;
  return { name: documentName(file), text: `# ${title}\n\n<!-- include ${file} -->\n` };
}

function pageOf(file: string, from: string): string {
  return path.posix.join(path.posix.dirname(from), file).replace(/\.md$/, '');
}

/** How one page names another, so that the site works under any address. */
export function relative(from: string, to: string): string {
  return path.posix.relative(path.posix.dirname(from), to);
}

function write(output: string, file: string, content: string | Uint8Array): void {
  const target = path.join(output, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
}
