/** A stretch of code between brackets, or the body of an arrow function without braces. */
export interface Scope {
  readonly kind: 'function' | 'condition' | 'other';
  /** Where it begins. */
  readonly at: number;
  /** Of a function: the names of its first two parameters, and the index at which what it is of ends. */
  readonly parameters: readonly string[];
  readonly headEnd: number;
  readonly outer: Scope | undefined;
  /** An arrow function without braces: a comma, a semicolon or a closing bracket ends it. */
  readonly isConcise: boolean;
}

const CONDITIONS = new Set(['if', 'switch']);
const LOOPS = new Set(['for', 'while', 'catch', 'with']);
/** The end of a parameter list, and the type of what is returned. */
const PARAMETERS_END = /\)\s*(?::[^()=;{}]*)?$/;

/** The scope that each of the places in blanked code is in; undefined at the top of the module. */
export function scopesAt(code: string, places: readonly number[]): (Scope | undefined)[] {
  const wanted = new Map(places.map((place): [number, Scope | undefined] => [place, undefined]));
  const openings = new Map<number, number>();
  const parentheses: number[] = [];
  let scope: Scope | undefined;
  const endConcise = () => {
    while (scope?.isConcise === true) scope = scope.outer;
  };
  for (let at = 0; at < code.length; at++) {
    if (wanted.has(at)) wanted.set(at, scope);
    const letter = code[at] as string;
    if (letter === '(') parentheses.push(at);
    if (letter === '(' || letter === '[') scope = opened(at, scope);
    else if (letter === '{') scope = braced(code, at, scope, openings);
    else if (letter === ',' || letter === ';') endConcise();
    else if (letter === '=' && code[at + 1] === '>' && !/^=>\s*\{/.test(code.slice(at, at + 80))) {
      scope = functionOf(code, at, at, scope, openings, true);
    } else if (letter === ')' || letter === ']' || letter === '}') {
      endConcise();
      scope = scope?.outer;
      if (letter === ')') openings.set(at, parentheses.pop() ?? 0);
    }
  }
  return places.map((place) => wanted.get(place));
}

function opened(at: number, outer: Scope | undefined): Scope {
  return { kind: 'other', at, parameters: [], headEnd: at, outer, isConcise: false };
}

function braced(code: string, at: number, outer: Scope | undefined, openings: ReadonlyMap<number, number>): Scope {
  const before = code.slice(Math.max(0, at - 200), at).trimEnd();
  if (/\belse$/.test(before)) return { ...opened(at, outer), kind: 'condition' };
  if (before.endsWith('=>'))
    return functionOf(
      code,
      at,
      at - (code.slice(0, at).length - code.slice(0, at).trimEnd().length) - 2,
      outer,
      openings,
      false,
    );
  if (!PARAMETERS_END.test(before)) return opened(at, outer);
  const made = functionOf(code, at, at, outer, openings, false);
  const word = /(\w+)\s*$/.exec(code.slice(Math.max(0, made.headEnd - 60), made.headEnd))?.[1] ?? '';
  if (CONDITIONS.has(word)) return { ...opened(at, outer), kind: 'condition' };
  return LOOPS.has(word) ? opened(at, outer) : made;
}

/** A function whose parameters end before `end`. */
function functionOf(
  code: string,
  at: number,
  end: number,
  outer: Scope | undefined,
  openings: ReadonlyMap<number, number>,
  isConcise: boolean,
): Scope {
  const start = Math.max(0, end - 200);
  const before = code.slice(start, end).trimEnd();
  const list = PARAMETERS_END.exec(before);
  const close = start + (list?.index ?? before.length);
  const open = list === null ? undefined : openings.get(close);
  if (open === undefined) {
    const single = /([\w$]+)$/.exec(before);
    const headEnd = start + (single?.index ?? before.length);
    return {
      kind: 'function',
      at,
      parameters: single === null ? [] : [single[1] as string],
      headEnd,
      outer,
      isConcise,
    };
  }
  const parameters = code
    .slice(open + 1, close)
    .split(',')
    .slice(0, 2);
  const names = parameters.map((parameter) => /[\w$]+/.exec(parameter.replaceAll(/@\w+\([^)]*\)?/g, ''))?.[0] ?? '');
  return { kind: 'function', at, parameters: names, headEnd: open, outer, isConcise };
}
