/** The frame around every page. */
import { relative } from './build.ts';
import { escapeHtml } from './markdown.ts';
import type { Heading, Rendered } from './markdown.ts';
import { navigation } from './navigation.ts';

/** A page that is rendered. */
export interface Page extends Rendered {
  readonly name: string;
  readonly title: string;
}

/** Before the first paint, so that no page flashes in the wrong colours. */
const THEME_SCRIPT =
  "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}" +
  "document.documentElement.classList.add('scripted')";

/** A fuse as circuit diagrams draw it: a wire through a case. */
const MARK =
  '<svg class="mark" viewBox="0 0 44 20" width="44" height="20" aria-hidden="true">' +
  '<rect class="case" x="9" y="4" width="26" height="12" rx="3"/><path class="wire" d="M0 10h44"/></svg>';

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
<title>${escapeHtml(page.name === 'index' ? 'fusewire' : `${page.title} · fusewire`)}</title>
<link rel="icon" href="${ICON}">
<script>${THEME_SCRIPT}</script>
<link rel="stylesheet" href="${link('assets/site.css')}">
<script defer src="${link('assets/site.js')}" data-root="${link('') || '.'}"></script>${calculator}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<button class="menu" type="button" aria-expanded="false" aria-controls="navigation">Menu</button>
<a class="brand" href="${link('index.html')}">${MARK}<span>fusewire</span></a>
<button class="search" type="button"><span>Search</span><kbd aria-hidden="true">/</kbd></button>
<button class="theme" type="button" aria-label="Switch between light and dark"><span aria-hidden="true"></span></button>
</header>
<div class="frame">
<nav id="navigation" class="pages" aria-label="Pages">
${navigationOf(page, pages)}
</nav>
<main id="content" tabindex="-1">
<article>
${page.html}</article>
${neighbours(page, pages)}
</main>
${contents(page.headings)}
</div>
<dialog class="finder" aria-label="Search">
<form method="dialog"><input type="search" placeholder="Search the documentation" aria-label="Search the documentation" autocomplete="off" spellcheck="false"></form>
<ol class="found"></ol>
<p class="hint" role="status"></p>
</dialog>
</body>
</html>
`;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath d='M0 16h32' stroke='%23b4531a' stroke-width='3'/%3E%3Crect x='7' y='9' width='18' height='14' rx='4' fill='none' stroke='%23b4531a' stroke-width='3'/%3E%3C/svg%3E";

function description(page: Page): string {
  const text = page.passages[0]?.text.trim() ?? '';
  return text.length > 160 ? `${text.slice(0, 157)}…` : text || page.title;
}

function navigationOf(page: Page, pages: readonly Page[]): string {
  const item = (name: string): string => {
    const { title } = pages.find((each) => each.name === name) as Page;
    const current = name === page.name ? ' aria-current="page"' : '';
    return `<li><a href="${relative(page.name, `${name}.html`)}"${current}>${escapeHtml(title.replace(/^Coming from /, ''))}</a></li>`;
  };
  return navigation
    .map(({ title, pages: names }) => `<h2>${title}</h2>\n<ul>\n${names.map(item).join('\n')}\n</ul>`)
    .join('\n');
}

/** The table of contents: two levels are enough to find one's way. */
function contents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2 || level === 3);
  if (shown.length < 2) return '<div class="contents"></div>';
  const items = shown.map(
    ({ level, id, text }) => `<li class="level-${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>\n${items.join('\n')}\n</ul></nav>`;
}

function neighbours(page: Page, pages: readonly Page[]): string {
  const order = navigation.flatMap((section) => section.pages);
  const place = order.indexOf(page.name);
  if (place < 0) return '';
  const to = (name: string | undefined, relation: string, word: string): string => {
    const target = pages.find((each) => each.name === name);
    if (!target) return '<span></span>';
    const address = relative(page.name, `${target.name}.html`);
    return `<a rel="${relation}" href="${address}"><span>${word}</span>${escapeHtml(target.title)}</a>`;
  };
  const previous = to(order[place - 1], 'prev', 'Before');
  const next = to(order[place + 1], 'next', 'Next');
  return `<nav class="neighbours" aria-label="Next pages">${previous}${next}</nav>`;
}
