/** A stretch of code between brackets, or the body of an arrow function without braces. */
export interface Scope {
  readonly kind: 'function' | 'condition' | 'other';
  /** Index of the first character. */
  readonly at: number;
  /** Names of the first two parameters of a function. */
  readonly parameters: readonly string[];
  /** Index at which the code before the parameter list of a function ends. */
  readonly headEnd: number;
  readonly outer: Scope | undefined;
  /** Whether this is an arrow function without braces, which ends at a comma, a semicolon or a closing bracket. */
  readonly isConcise: boolean;
}

const CONDITIONS = new Set(['if', 'switch']);
const LOOPS = new Set(['for', 'while', 'catch', 'with']);
/** End of a parameter list, with the return type. */
const PARAMETERS_END = /\)\s*(?::[^()=;{}]*)?$/;

/** Length of the code in which the names of the first two parameters are looked for. */
const LONGEST_PARAMETERS = 1_000;

/** Returns the innermost scope at each position of masked code, or undefined at the top level of the module. */
export function scopesAt(code: string, positions: readonly number[]): (Scope | undefined)[] {
  const found = new Map(positions.map((position): [number, Scope | undefined] => [position, undefined]));
  const openings = new Map<number, number>();
  const parentheses: number[] = [];
  let scope: Scope | undefined;
  const endConcise = () => {
    while (scope?.isConcise === true) scope = scope.outer;
  };
  for (let at = 0; at < code.length; at++) {
    if (found.has(at)) found.set(at, scope);
    const letter = code[at] as string;
    if (letter === '(') parentheses.push(at);
    if (letter === '(' || letter === '[') scope = bracketScope(at, scope);
    else if (letter === '{') scope = braceScope(code, at, scope, openings);
    else if (letter === ',' || letter === ';') endConcise();
    else if (letter === '=' && code[at + 1] === '>' && !/^=>\s*\{/.test(code.slice(at, at + 80))) {
      scope = functionScope(code, at, at, scope, openings, true);
    } else if (letter === ')' || letter === ']' || letter === '}') {
      endConcise();
      scope = scope?.outer;
      if (letter === ')') openings.set(at, parentheses.pop() ?? 0);
    }
  }
  return positions.map((position) => found.get(position));
}

function bracketScope(at: number, outer: Scope | undefined): Scope {
  return { kind: 'other', at, parameters: [], headEnd: at, outer, isConcise: false };
}

function braceScope(code: string, at: number, outer: Scope | undefined, openings: ReadonlyMap<number, number>): Scope {
  const start = Math.max(0, at - 200);
  const before = code.slice(start, at).trimEnd();
  if (/\belse$/.test(before)) return { ...bracketScope(at, outer), kind: 'condition' };
  if (before.endsWith('=>')) return functionScope(code, at, start + before.length - 2, outer, openings, false);
  if (!PARAMETERS_END.test(before)) return bracketScope(at, outer);
  const body = functionScope(code, at, at, outer, openings, false);
  const keyword = /(\w+)\s*$/.exec(code.slice(Math.max(0, body.headEnd - 60), body.headEnd))?.[1] ?? '';
  if (CONDITIONS.has(keyword)) return { ...bracketScope(at, outer), kind: 'condition' };
  return LOOPS.has(keyword) ? bracketScope(at, outer) : body;
}

/** Returns the scope of the function whose parameters end before `end`. */
function functionScope(
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
    .slice(open + 1, Math.min(close, open + LONGEST_PARAMETERS))
    .split(',')
    .slice(0, 2);
  const names = parameters.map((parameter) => /[\w$]+/.exec(parameter.replaceAll(/@\w+\([^)]*\)?/g, ''))?.[0] ?? '');
  return { kind: 'function', at, parameters: names, headEnd: open, outer, isConcise };
}
