/** What a `/` comes after where it divides; after anything else it begins a regular expression. */
const BEFORE_DIVISION = /(?:[\w$)\]}"'`]|\+\+|--)$/;
const KEYWORD = /\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/;

/**
 * Code of the same length without its comments, and without what is inside of its strings, templates and regular expressions,
 * so that words and brackets can be looked for. It knows nothing of JSX; text in it that looks like a string ends with its line.
 */
export function blank(source: string): string {
  return new Blanking(source).run();
}

class Blanking {
  readonly #source: string;
  readonly #blanked: string[];
  /** Depth of braces at which each template goes on. */
  readonly #templates: number[] = [];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#blanked = source.split('');
  }

  run(): string {
    while (this.#at < this.#source.length) this.#step();
    return this.#blanked.join('');
  }

  #step(): void {
    const rest = this.#source.slice(this.#at, this.#at + 2);
    const [first] = rest;
    if (rest === '//') this.#blankUntil(this.#find('\n', this.#at));
    else if (rest === '/*') this.#blankUntil(this.#find('*/', this.#at + 2) + 2);
    else if (first === '"' || first === "'") this.#text(first);
    else if (first === '`') this.#template();
    else if (first === '/' && this.#beginsPattern()) this.#pattern();
    else this.#bracket(first);
  }

  #bracket(letter: string | undefined): void {
    this.#at++;
    if (letter === '{') this.#depth++;
    if (letter !== '}') return;
    this.#depth--;
    if (this.#templates.at(-1) !== this.#depth) return;
    this.#templates.pop();
    this.#restOfTemplate();
  }

  #text(quote: string): void {
    const line = this.#find('\n', this.#at);
    let end = this.#at + 1;
    while (end < line && this.#source[end] !== quote) end += this.#source[end] === '\\' ? 2 : 1;
    this.#at++;
    if (end >= line) return;
    this.#blankUntil(end);
    this.#at++;
  }

  #template(): void {
    this.#at++;
    this.#restOfTemplate();
  }

  #restOfTemplate(): void {
    let end = this.#at;
    const { length } = this.#source;
    while (end < length && this.#source[end] !== '`' && !this.#source.startsWith('${', end)) {
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#blankUntil(end);
    if (this.#source[end] === '$') {
      this.#templates.push(this.#depth++);
      this.#at += 2;
    } else this.#at++;
  }

  #beginsPattern(): boolean {
    const before = this.#blanked
      .slice(Math.max(0, this.#at - 40), this.#at)
      .join('')
      .trimEnd();
    return !BEFORE_DIVISION.test(before) || KEYWORD.test(before);
  }

  #pattern(): void {
    const line = this.#find('\n', this.#at);
    let end = this.#at + 1;
    let isInClass = false;
    while (end < line && (isInClass || this.#source[end] !== '/')) {
      if (this.#source[end] === '[') isInClass = true;
      else if (this.#source[end] === ']') isInClass = false;
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#at++;
    if (end >= line) return;
    this.#blankUntil(end);
    this.#at++;
  }

  #find(text: string, from: number): number {
    const found = this.#source.indexOf(text, from);
    return found === -1 ? this.#source.length : found;
  }

  #blankUntil(end: number): void {
    for (; this.#at < Math.min(end, this.#source.length); this.#at++) {
      if (this.#source[this.#at] !== '\n') this.#blanked[this.#at] = ' ';
    }
  }
}
