/** Builds the site: pages, styles, scripts, fonts and the search index. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageAt, relative } from './addresses.ts';
import { buildAssets } from './assets.ts';
import { resolveIncludes } from './includes.ts';
import { layOut } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import type { LinkResolver } from './markdown.ts';
import { HOME, navigation, unlisted } from './navigation.ts';
import type { Page, Source } from './page.ts';
import { generatedPages, generators } from './reference/index.ts';
import { at, exists, isFile, read } from './repository.ts';
import { searchIndex } from './search-index.ts';
import { SourcePages } from './source-pages.ts';

const pagesFolder = fileURLToPath(new URL('../pages/', import.meta.url));
const pagesInRepository = 'docs/pages';

/** Result of a build. */
export interface Built {
  /** Names of the pages, without those of files. */
  readonly pages: readonly string[];
  /** Names of the pages that show a file of the repository. */
  readonly files: readonly string[];
  /** Descriptions of broken links and of pages without a place. */
  readonly problems: readonly string[];
}

/** Writes the whole site into `output`. */
export async function buildSite(output: string): Promise<Built> {
  const sources = [...handwritten(), ...(await generatedPages())];
  const sourcePages = new SourcePages();
  const renderer = new Renderer(sources, sourcePages);
  const pages = renderer.render();
  const files = sourcePages.pages();
  const all = [...pages, ...files];
  rmSync(output, { recursive: true, force: true });
  for (const page of all) write(output, `${page.name}.html`, layOut(page, pages));
  for (const [name, content] of await buildAssets()) write(output, `assets/${name}`, content);
  write(output, 'assets/search-index.js', searchIndex(pages));
  for (const file of renderer.pictures) write(output, pictureName(file), readFileSync(at(file)));
  const names = (built: readonly Page[]) => built.map(({ name }) => name);
  return {
    pages: names(pages),
    files: names(files),
    problems: [...renderer.problems, ...misplaced(sources), ...repeatedIds(all), ...brokenLinks(all)],
  };
}

/** Reads the pages of `docs/pages`. */
function handwritten(): Source[] {
  return globSync('**/*.md', { cwd: pagesFolder })
    .map((file) => file.replaceAll('\\', '/').replace(/\.md$/, ''))
    .sort()
    .map((name) => ({ name, text: readFileSync(path.join(pagesFolder, `${name}.md`), 'utf8') }));
}

/** Renders the pages, and the documents of the repository that they link to. */
class Renderer {
  readonly problems: string[] = [];
  /** Files of the repository that pages show as pictures. */
  readonly pictures = new Set<string>();
  readonly #queue: Source[];
  readonly #names: Set<string>;
  readonly #sourcePages: SourcePages;

  constructor(sources: readonly Source[], sourcePages: SourcePages) {
    this.#queue = [...sources];
    this.#names = new Set(sources.map(({ name }) => name));
    this.#sourcePages = sourcePages;
  }

  render(): Page[] {
    const pages: Page[] = [];
    for (const source of this.#queue) {
      const text = resolveIncludes(source.text, generators);
      const rendered = renderMarkdown(text, (target, excerpt) => this.#resolve(source.name, target, excerpt));
      const title = rendered.headings[0];
      if (title?.level !== 1) throw new Error(`the page ${source.name} must begin with a heading of level 1`);
      const html = rendered.html.replaceAll(
        / (src|srcset)="((?:repository:|\.\.?\/)[^"]+)"/g,
        (_, attribute: string, file: string) => ` ${attribute}="${this.#picture(source.name, file)}"`,
      );
      pages.push({ ...rendered, name: source.name, title: title.text, html });
    }
    return pages;
  }

  #resolve(from: string, target: string, excerpt: string | undefined): ReturnType<LinkResolver> {
    const [file = '', anchor] = target.split('#');
    if (/^(https?|mailto):/.test(target) || file === '') return target;
    const inRepository = repositoryFile(file, from);
    if (inRepository !== undefined && !exists(inRepository)) {
      this.problems.push(`${from}: the repository has no file ${target}`);
    }
    if (inRepository !== undefined && !inRepository.endsWith('.md')) {
      const address = this.#sourcePages.addressOf(inRepository, excerpt);
      return address && relative(from, address);
    }
    const name = inRepository === undefined ? this.#pageFor(file, from) : this.#documentFor(inRepository);
    if (name === undefined) {
      this.problems.push(`${from}: the site has no page ${target}`);
      return target;
    }
    return relative(from, `${name}.html`) + (anchor === undefined ? '' : `#${anchor}`);
  }

  #picture(from: string, target: string): string {
    const file = repositoryFile(target, from);
    if (file !== undefined && isFile(file)) this.pictures.add(file);
    else this.problems.push(`${from}: the repository has no picture ${target}`);
    return relative(from, pictureName(target));
  }

  /** Finds a page by name, or the index of a folder of that name; for documents of the repository any page of the folder. */
  #pageFor(file: string, from: string): string | undefined {
    const [, absolute] = /^(?:api:|repository:docs\/pages\/)(.+?)(?:\.md)?$/.exec(file) ?? [];
    const name = absolute ?? pageAt(file, from);
    const found = [name, `${name}/index`].find((each) => this.#names.has(each));
    const inFolder = (each: string): boolean => absolute !== undefined && each.startsWith(`${name}/`);
    return found ?? [...this.#names].find(inFolder);
  }

  /** Returns the page of a Markdown document, which becomes part of the site with the first link to it. */
  #documentFor(file: string): string {
    const name = documentName(file);
    if (!this.#names.has(name) && exists(file)) {
      this.#names.add(name);
      this.#queue.push(documentSource(file));
    }
    return name;
  }
}

/** Pages of `docs/pages` that are neither in the navigation nor known to be unlisted, and the reverse. */
function misplaced(sources: readonly Source[]): string[] {
  const placed = new Set([HOME, ...unlisted, ...navigation.flatMap(({ pages }) => pages)]);
  const names = new Set(sources.map(({ name }) => name));
  return [
    ...[...names]
      .filter((name) => !placed.has(name) && !name.startsWith('api/'))
      .map((name) => `${name}: not in navigation.ts`),
    ...[...placed].filter((name) => !names.has(name)).map((name) => `navigation.ts names ${name}, which has no page`),
  ];
}

function idsOf(html: string): string[] {
  return [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string);
}

function repeatedIds(pages: readonly Page[]): string[] {
  return pages.flatMap(({ name, html }) => {
    const ids = idsOf(html);
    const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
    return repeated.map((id) => `${name}: the id ${id} occurs twice`);
  });
}

/** Links to pages that do not exist, or to anchors that a page does not have. */
function brokenLinks(pages: readonly Page[]): string[] {
  const targets = new Set(pages.flatMap(({ name, html }) => [name, ...idsOf(html).map((id) => `${name}#${id}`)]));
  return pages.flatMap(({ name, html }) =>
    [...html.matchAll(/<a [^>]*?href="([^"]*)"/g)]
      .map(([, href = '']) => href)
      .filter((href) => !/^[a-z]+:/.test(href))
      .map((href): [string, string | undefined] => [href.split('#')[0] as string, href.split('#')[1]])
      .map(([file, id]) => (file === '' ? name : pageAt(file, name)) + (id === undefined ? '' : `#${id}`))
      .filter((target) => !targets.has(target))
      .map((target) => `${name}: broken link to ${target}`),
  );
}

/** Returns the file of the repository that a link leads to; undefined for a link to a page. */
function repositoryFile(file: string, from: string): string | undefined {
  const [, named] = /^repository:(?!docs\/pages\/)(.+)$/.exec(file) ?? [];
  if (named !== undefined) return named;
  if (/^(api|repository):/.test(file)) return undefined;
  const target = path.posix.join(pagesInRepository, path.posix.dirname(from), file);
  return target.startsWith(`${pagesInRepository}/`) ? undefined : target;
}

/** Copies of pictures of the repository, by the name that the site has for them. */
const pictureName = (file: string): string => `assets/pictures/${path.posix.basename(file)}`;

/** Returns the name of the page that a document of the repository becomes. */
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

function write(output: string, file: string, content: string | Uint8Array): void {
  const target = path.join(output, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
}
