/** Links of comments and types to the pages of symbols. Their targets begin with `api:`, which the builder resolves. */
import { slug } from '../addresses.ts';
import { entriesOf } from './declarations.ts';
import type { Declared, Member } from './declared.ts';
import { CORE, packageFolders } from './packages.ts';

/** Finds the symbols that texts of one declaration may name. */
export class Links {
  readonly #owner: Declared;
  readonly #page: string;

  /** `page` is the page that shows the texts; by default the page of `owner`. */
  constructor(owner: Declared, page = owner.page) {
    this.#owner = owner;
    this.#page = page;
  }

  /** Returns the comment with each `{@link name}` as a link, or as code where there is no page for it. */
  comment(text: string): string {
    return text.replaceAll(
      /\{@link(?:code|plain)?\s+([^}|\s]+)(?:\s*\|\s*|\s+)?([^}]*)\}/g,
      (_, name: string, label) => {
        const shown = String(label).trim() || `\`${name}\``;
        const target = this.#target(name);
        return target === undefined ? shown : `[${shown}](${target})`;
      },
    );
  }

  /** Returns a type as inline code in which the names of symbols are links. */
  type(text: string): string {
    const linked = text.split(/\b([A-Za-z_$][\w$]*)\b/).map((piece, index) => {
      const symbol = index % 2 === 1 && /^[A-Z]/.test(piece) ? this.#symbol(piece) : undefined;
      return symbol && symbol !== this.#owner ? `[${piece}](api:${symbol.page})` : asText(piece);
    });
    return `<code>${linked.join('')}</code>`;
  }

  #target(name: string): string | undefined {
    const [first = '', member] = name.replace(/\(\)$/, '').split(/[.#]/);
    const own = this.#owner.members.find((each) => each.name === first);
    if (own && member === undefined) return this.#address(this.#owner, own);
    const symbol = this.#symbol(first);
    const named = symbol?.members.find((each) => each.name === member);
    return symbol && (symbol !== this.#owner || named) ? this.#address(symbol, named) : undefined;
  }

  #address(symbol: Declared, member: Member | undefined): string {
    const anchor = member ? `#${anchorOf(member, symbol.name)}` : '';
    return symbol.page === this.#page ? anchor : `api:${symbol.page}${anchor}`;
  }

  /** Looks in the module of the owner, then in its package, then in `fusewire`. */
  #symbol(name: string): Declared | undefined {
    const { module, page } = this.#owner;
    const [, folder = ''] = page.split('/');
    const named = symbols().get(name) ?? [];
    return (
      named.find((each) => each.module === module) ??
      named.find((each) => each.page.startsWith(`api/${folder}/`)) ??
      named.find((each) => each.module === 'fusewire')
    );
  }
}

/** Returns the title of a method's section, as one calls it. */
export function titleOf({ name, kind }: Member, owner: string): string {
  if (kind === 'constructor') return `new ${owner}()`;
  return { '()': 'Call', 'new ()': 'Construct' }[name] ?? `${name}()`;
}

/** Returns the anchor of a member on the page of `owner`. */
export function anchorOf(member: Member, owner: string): string {
  return member.kind === 'property'
    ? `property-${member.name.replaceAll(/[^\w$]/g, '')}`
    : slug(titleOf(member, owner));
}

let found: Map<string, Declared[]> | undefined;

function symbols(): Map<string, Declared[]> {
  found ??= Map.groupBy(
    [CORE, ...packageFolders().filter((folder) => folder !== CORE)]
      .flatMap(entriesOf)
      .flatMap((entry) => entry.exports),
    ({ name }) => name,
  );
  return found;
}

/** Escapes code such that Markdown, in a table too, shows it as it is. */
export function asText(code: string): string {
  return code.replaceAll(/[&<>"|*_`[\]\\~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Returns text that fits into a cell of a table. */
export function cell(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
}
