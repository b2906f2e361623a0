/** Markdown to HTML: anchors for headings, highlighted code, tables that scroll, links to other pages. */
import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { createCssVariablesTheme, createHighlighter } from 'shiki';
import { slug } from './addresses.ts';
import { readFence } from './fences.ts';
import type { Heading, Passage, Rendered } from './page.ts';

/**
 * Returns the address that a link of a page leads to. `excerpt`, the title of the link, is a text on the target's line.
 * Undefined for a target that the site does not contain.
 */
export type LinkResolver = (target: string, excerpt: string | undefined) => string | undefined;

type Environment = {
  readonly headings: Heading[];
  readonly resolve: LinkResolver;
};

const theme = createCssVariablesTheme({ name: 'fusewire', variablePrefix: '--code-', fontStyle: true });
const highlighter = await createHighlighter({
  themes: [theme],
  langs: ['ts', 'js', 'json', 'sh', 'rust', 'toml', 'sql'],
});

const markdown = new MarkdownIt({ html: true, linkify: false, typographer: false });
const { rules } = markdown.renderer;

/** Renders a page. */
export function renderMarkdown(text: string, resolve: LinkResolver): Rendered {
  const environment: Environment = { headings: [], resolve };
  const tokens = markdown.parse(text, environment);
  nameHeadings(tokens, environment.headings);
  const html = markdown.renderer.render(tokens, markdown.options, environment);
  // An empty heading cell would announce a heading without a name.
  return {
    html: html.replaceAll(/<th( [^>]*)?><\/th>/g, '<td></td>'),
    headings: environment.headings,
    passages: passages(tokens, environment.headings),
  };
}

export function escapeHtml(text: string): string {
  return markdown.utils.escapeHtml(text);
}

/** Returns a figure with highlighted code, and a caption if there is a title. */
export function codeBlock(code: string, language: string, title?: string, isOutput = false): string {
  const known = highlighter.getLoadedLanguages().includes(language);
  const lang = known ? language : 'text';
  // Without a time limit, so that a busy machine colours the code like any other.
  const options = { lang, theme: 'fusewire', tokenizeTimeLimit: 0 };
  const body = highlighter.codeToHtml(code.replace(/\n$/, ''), options);
  const label = escapeHtml(title ?? `Code, ${language || 'text'}`);
  const frame = body.replace(/<pre [^>]*>/, `<pre tabindex="0" role="group" aria-label="${label}">`);
  const caption = title === undefined ? '' : `<figcaption>${escapeHtml(title)}</figcaption>`;
  const kind = isOutput ? ' data-output' : '';
  return `<figure class="code" data-language="${escapeHtml(language)}"${kind}>${caption}${frame}</figure>\n`;
}

rules.fence = (tokens, index) => {
  const { info, content } = tokens[index] as Token;
  const { language, title, output } = readFence(info);
  return codeBlock(content, language, output ? 'Output' : title, output);
};

/** Keeps numbers such as 30 000 on one line. */
rules.text = (tokens, index) =>
  escapeHtml((tokens[index] as Token).content.replaceAll(/(?<=\d) (?=\d{3}(?!\d))/g, '\u202f'));

rules.heading_open = (tokens, index) => {
  const heading = tokens[index] as Token;
  return `<${heading.tag} id="${heading.attrGet('id')}">`;
};

rules.heading_close = (tokens, index) => {
  const { tag } = tokens[index] as Token;
  const opening = tokens.slice(0, index).findLast((token) => token.type === 'heading_open') as Token;
  const title = escapeHtml(textOf(tokens[index - 1] as Token));
  const link = `<a class="anchor" href="#${opening.attrGet('id')}" aria-label="Link to “${title}”">#</a>`;
  return `${tag === 'h1' ? '' : link}</${tag}>\n`;
};

rules.table_open = () => '<div class="table" role="group" tabindex="0" aria-label="Table"><table>\n';
rules.table_close = () => '</table></div>\n';

rules.link_open = (tokens, index, _options, environment) => {
  const [target, excerpt] = targetOf(tokens[index]);
  const address = (environment as Environment).resolve(target, excerpt);
  if (address === undefined) {
    const file = target.replace('repository:', '').replace(/^(\.\.\/)+/, '');
    return `<span class="file" title="${escapeHtml(excerpt ? `${file}: ${excerpt}` : file)}">`;
  }
  const title = excerpt === undefined ? '' : ` title="${escapeHtml(excerpt)}"`;
  const outside = /^https?:/.test(address) ? ' rel="noreferrer"' : '';
  return `<a href="${escapeHtml(address)}"${title}${outside}>`;
};

rules.link_close = (tokens, index, _options, environment) => {
  const opening = tokens.slice(0, index).findLast((token) => token.type === 'link_open');
  return (environment as Environment).resolve(...targetOf(opening)) === undefined ? '</span>' : '</a>';
};

function targetOf(token: Token | undefined): [target: string, excerpt: string | undefined] {
  const title = token?.attrGet('title') ?? undefined;
  return [String(token?.attrGet('href') ?? ''), title === undefined ? undefined : String(title)];
}

function nameHeadings(tokens: readonly Token[], headings: Heading[]): void {
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return;
    const text = textOf(tokens[index + 1] as Token);
    const wanted = slug(text) || 'section';
    const similar = headings.filter((heading) => heading.id === wanted || heading.id.startsWith(`${wanted}-`));
    const id = similar.some((heading) => heading.id === wanted) ? `${wanted}-${similar.length}` : wanted;
    token.attrSet('id', id);
    headings.push({ level: Number(token.tag.slice(1)), id, text });
  });
}

function passages(tokens: readonly Token[], headings: readonly Heading[]): Passage[] {
  const found: { heading: Heading; text: string }[] = [];
  let next = 0;
  tokens.forEach((token, index) => {
    if (token.type === 'heading_open') found.push({ heading: headings[next++] as Heading, text: '' });
    else if (token.type === 'inline' && tokens[index - 1]?.type !== 'heading_open') {
      const current = found.at(-1);
      if (current) current.text += `${textOf(token)} `;
    }
  });
  return found;
}

function textOf(inline: Token): string {
  return (inline.children ?? [])
    .filter((child) => child.type === 'text' || child.type === 'code_inline' || child.type === 'softbreak')
    .map((child) => (child.type === 'softbreak' ? ' ' : child.content))
    .join('');
}
