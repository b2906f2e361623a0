/** Ending of the code before a `/` that divides. After any other code a `/` starts a regular expression. */
const BEFORE_DIVISION = /(?:[\w$)\]}"'`]|\+\+|--)$/;
const KEYWORD = /\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/;

/**
 * Replaces comments and the contents of strings, templates and regular expressions with spaces, so that words and
 * brackets of the code can be searched for. Length and line breaks stay the same. JSX is not parsed: quotes in its text
 * end with the line.
 */
export function maskLiterals(source: string): string {
  return new LiteralMasker(source).mask();
}

class LiteralMasker {
  readonly #source: string;
  readonly #masked: string[];
  /** Brace depths at which the text of a template continues. */
  readonly #templates: number[] = [];
  /** Line end up to which a literal with that first character is not closed. */
  readonly #unclosed = new Map<string, number>();
  #at = 0;
  #depth = 0;
  #lineEnd = -1;

  constructor(source: string) {
    this.#source = source;
    this.#masked = source.split('');
  }

  mask(): string {
    while (this.#at < this.#source.length) this.#step();
    return this.#masked.join('');
  }

  #step(): void {
    const rest = this.#source.slice(this.#at, this.#at + 2);
    const [first] = rest;
    if (rest === '//') this.#maskUntil(this.#endOfLine());
    else if (rest === '/*') this.#maskUntil(this.#find('*/', this.#at + 2) + 2);
    else if (first === '"' || first === "'") this.#string(first);
    else if (first === '`') this.#template();
    else if (first === '/' && this.#isRegExpStart()) this.#regExp();
    else this.#brace(first);
  }

  #brace(letter: string | undefined): void {
    this.#at++;
    if (letter === '{') this.#depth++;
    if (letter !== '}') return;
    this.#depth--;
    if (this.#templates.at(-1) !== this.#depth) return;
    this.#templates.pop();
    this.#templateText();
  }

  #string(quote: string): void {
    const line = this.#endOfLine();
    let end = this.#unclosed.get(quote) === line ? line : this.#at + 1;
    while (end < line && this.#source[end] !== quote) end += this.#source[end] === '\\' ? 2 : 1;
    this.#finishLiteral(quote, end, line);
  }

  #template(): void {
    this.#at++;
    this.#templateText();
  }

  #templateText(): void {
    let end = this.#at;
    const { length } = this.#source;
    while (end < length && this.#source[end] !== '`' && !this.#source.startsWith('${', end)) {
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#maskUntil(end);
    if (this.#source[end] === '$') {
      this.#templates.push(this.#depth++);
      this.#at += 2;
    } else this.#at++;
  }

  #isRegExpStart(): boolean {
    const before = this.#masked
      .slice(Math.max(0, this.#at - 40), this.#at)
      .join('')
      .trimEnd();
    return !BEFORE_DIVISION.test(before) || KEYWORD.test(before);
  }

  #regExp(): void {
    const line = this.#endOfLine();
    let end = this.#unclosed.get('/') === line ? line : this.#at + 1;
    let isInClass = false;
    while (end < line && (isInClass || this.#source[end] !== '/')) {
      if (this.#source[end] === '[') isInClass = true;
      else if (this.#source[end] === ']') isInClass = false;
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#finishLiteral('/', end, line);
  }

  /** Masks a literal up to its closing character. One that the line does not close is code like any other. */
  #finishLiteral(first: string, end: number, line: number): void {
    this.#at++;
    if (end >= line) {
      this.#unclosed.set(first, line);
      return;
    }
    this.#maskUntil(end);
    this.#at++;
  }

  #endOfLine(): number {
    if (this.#lineEnd < this.#at) this.#lineEnd = this.#find('\n', this.#at);
    return this.#lineEnd;
  }

  #find(text: string, from: number): number {
    const found = this.#source.indexOf(text, from);
    return found === -1 ? this.#source.length : found;
  }

  #maskUntil(end: number): void {
    for (; this.#at < Math.min(end, this.#source.length); this.#at++) {
      if (this.#source[this.#at] !== '\n') this.#masked[this.#at] = ' ';
    }
  }
}
