/** HTML document around the content of a page. */
import { relative } from './addresses.ts';
import { markComparison } from './comparison.ts';
import { escapeHtml } from './markdown.ts';
import { HOME, navigation, wide } from './navigation.ts';
import type { Heading, Page } from './page.ts';

/** Runs before the first paint, so that no page flashes in the wrong colours. */
const THEME_SCRIPT =
  "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}" +
  "document.documentElement.classList.add('scripted')";

/** A fuse as circuit diagrams draw it: a wire through a case. */
const MARK =
  '<svg class="mark" viewBox="0 0 44 20" width="44" height="20" aria-hidden="true">' +
  '<rect class="case" x="9" y="4" width="26" height="12" rx="3"/><path class="wire" d="M0 10h44"/></svg>';

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath d='M0 16h32' stroke='%23b4531a' stroke-width='3'/%3E%3Crect x='7' y='9' width='18' height='14' rx='4' fill='none' stroke='%23b4531a' stroke-width='3'/%3E%3C/svg%3E";

/** Links of the bar at the top: a label, and the page it leads to. */
const TOP_LINKS: readonly (readonly [string, string])[] = [
  ['Guide', 'start'],
  ['Reference', 'api/fusewire/index'],
  ['Comparison', 'comparison'],
  ['Repository', 'repository/readme'],
];

/** Returns the document for `page`; the navigation takes the titles of `pages`. */
export function layOut(page: Page, pages: readonly Page[]): string {
  const link = (to: string): string => relative(page.name, to);
  const calculator = page.html.includes('data-calculator')
    ? `\n<script defer src="${link('assets/calculator.js')}"></script>`
    : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${escapeHtml(description(page))}">
<title>${escapeHtml(titleOf(page))}</title>
<link rel="icon" href="${ICON}">
<script>${THEME_SCRIPT}</script>
<link rel="stylesheet" href="${link('assets/site.css')}">
<script defer src="${link('assets/site.js')}" data-root="${link('') || '.'}"></script>${calculator}
</head>
<body${page.name === HOME ? ' class="home"' : ''}>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<button class="menu" type="button" aria-expanded="false" aria-controls="navigation">Menu</button>
<a class="brand" href="${link('index.html')}">${MARK}<span>fusewire</span></a>
<nav class="links" aria-label="Main">${topLinks(page, pages)}</nav>
<button class="search" type="button"><span>Search</span><kbd aria-hidden="true">/</kbd></button>
<button class="theme" type="button" aria-label="Switch between light and dark"><span aria-hidden="true"></span></button>
</header>
${body(page, pages)}
<dialog class="finder" aria-label="Search">
<form method="dialog"><input type="search" placeholder="Search the documentation" aria-label="Search the documentation" autocomplete="off" spellcheck="false"></form>
<ol class="found"></ol>
<p class="hint" role="status"></p>
</dialog>
</body>
</html>
`;
}

function titleOf({ name, title }: Page): string {
  if (name === HOME) return 'fusewire';
  const module = /^api\/([\w-]+)\/(?!index$)/.exec(name)?.[1];
  return `${title} · ${module === undefined || module === 'fusewire' ? 'fusewire' : `@fusewire/${module}`}`;
}

function description(page: Page): string {
  const text = page.passages.map((passage) => passage.text.trim()).find((each) => each.length > 40) ?? page.title;
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

function topLinks(page: Page, pages: readonly Page[]): string {
  const { name } = page;
  return TOP_LINKS.filter(([, target]) => pages.some((each) => each.name === target))
    .map(([label, target]) => {
      const current = target === name ? ' aria-current="page"' : '';
      return `<a href="${relative(name, `${target}.html`)}"${current}>${label}</a>`;
    })
    .join('');
}

/** The front page has no navigation at its side; a narrow screen has it in the menu all the same. */
function body(page: Page, pages: readonly Page[]): string {
  const isWide = wide.has(page.name);
  const isHome = page.name === HOME;
  const content = isWide ? markComparison(page.html) : page.html;
  return `<div class="frame${isWide ? ' wide' : ''}">
<nav id="navigation" class="pages" aria-label="Pages">
${navigationOf(page, pages)}
</nav>
<main id="content" tabindex="-1">
<article>
${content}</article>
${isHome ? '' : neighbours(page, pages)}
</main>
${isHome || isWide ? '' : contents(page.headings)}
</div>`;
}

function navigationOf(page: Page, pages: readonly Page[]): string {
  const titles = new Map(pages.map(({ name, title }) => [name, title]));
  const current = closestListed(page.name);
  const item = (name: string): string => {
    const title = (titles.get(name) ?? name).replace(/^Coming from /, '');
    const mark = name === page.name ? ' aria-current="page"' : name === current ? ' aria-current="true"' : '';
    return `<li><a href="${relative(page.name, `${name}.html`)}"${mark}>${escapeHtml(title)}</a></li>`;
  };
  return navigation
    .map(({ title, pages: names }) => `<h2>${title}</h2>\n<ul>\n${names.map(item).join('\n')}\n</ul>`)
    .join('\n');
}

/** Returns the page of the navigation to mark: the page itself, or the package whose symbol it describes. */
function closestListed(name: string): string {
  const isListed = navigation.some(({ pages }) => pages.includes(name));
  return isListed ? name : name.replace(/^(api\/[^/]+)\/.*$/, '$1/index');
}

/** Returns the table of contents: headings of two levels. */
function contents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2 || level === 3);
  if (shown.length < 2) return '<div class="contents"></div>';
  const items = shown.map(
    ({ level, id, text }) => `<li class="level-${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>\n${items.join('\n')}\n</ul></nav>`;
}

/** Returns links to the previous and the next page in reading order. */
function neighbours(page: Page, pages: readonly Page[]): string {
  const order = navigation.flatMap((section) => section.pages);
  const index = order.indexOf(page.name);
  if (index < 0) return '';
  const to = (name: string | undefined, relation: string, label: string): string => {
    const target = pages.find((each) => each.name === name);
    if (!target) return '<span></span>';
    const address = relative(page.name, `${target.name}.html`);
    return `<a rel="${relation}" href="${address}"><span>${label}</span>${escapeHtml(target.title)}</a>`;
  };
  const previous = to(order[index - 1], 'prev', 'Previous');
  const next = to(order[index + 1], 'next', 'Next');
  return `<nav class="neighbours" aria-label="Neighbouring pages">${previous}${next}</nav>`;
}
