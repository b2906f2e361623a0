import type { Diagnostic } from '../diagnostic.ts';
import { toDiagnostics } from '../rule.ts';
import { createdPerRequest } from '../rules.ts';
import { maskLiterals } from './mask-literals.ts';
import { scopesAt } from './scopes.ts';
import type { Scope } from './scopes.ts';

const FUSEWIRE_IMPORT = /['"](?:fusewire|@fusewire\/[\w-]+)(?:\/[\w/-]+)?['"]/;
const CLASSES = 'CircuitBreaker|BreakerRegistry|CircuitBreakerManager|CircuitBreakerFactory|ExternalServiceManager';
const FUNCTIONS = 'defineBreakers|protectedFetch|originBreakers';
const CREATION = new RegExp(
  `\\b(?:new\\s+(?:${CLASSES})|(?<!function\\s+)(?:${FUNCTIONS}))\\s*(?:<[^()]{0,500}>)?\\(`,
  'g',
);

const METHODS = 'GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS';
/** Code before the parameters of a function that a framework calls for each request. */
const HANDLERS: readonly RegExp[] = [
  // Routes of Next.js, Remix and SvelteKit.
  new RegExp(`\\bexport\\s+(?:async\\s+)?function\\s+(?:${METHODS}|loader|action|middleware|handler)\\s*$`),
  new RegExp(`\\bexport\\s+const\\s+(?:${METHODS}|loader|action|middleware|handler|handle)\\b[^=;]*=\\s*$`),
  /\bexports\.handler\s*=\s*(?:function\s*)?$/,
  // Methods of a NestJS controller.
  /@(?:Get|Post|Put|Patch|Delete|All|Head|Options)\s*\([^)]*\)\s*(?:@\w+\([^)]*\)\s*)*(?:public\s+)?(?:async\s+)?\w+\s*$/,
];
/** Start of a router call with a handler: app.get('/path', …). */
const ROUTER = /\.\s*(?:get|post|put|patch|delete|head|options|all|route|use)\s*$/;
const WITH_PATH = /^\(\s*['"`]/;
const REQUEST = /^_?(?:req|request)$/;
/** Longest statement that is read back from a breaker. In a longer one nothing is reported. */
const STATEMENT_LENGTH = 1_000;
/** End of the code before a breaker that is an alternative to another value. */
const ALTERNATIVE = /(?:\?\??|\|\|)=?$/;
const IMMEDIATE_CALL = /^\s*\.\s*(?:execute|tryExecute|wrap)\b/;

/**
 * Returns a diagnostic for each breaker that a source file creates per request: in a function that takes a request or
 * is passed to a router, unless it is in a condition or after an alternative. Also reports a breaker that runs one call
 * and is then lost. The search uses no parser, and reports nothing in case of doubt.
 */
export function findPerRequestBreakers(file: string, source: string): Diagnostic[] {
  if (!FUSEWIRE_IMPORT.test(source)) return [];
  const code = maskLiterals(source);
  const positions = [...code.matchAll(CREATION)].map(({ index }) => index);
  const scopes = scopesAt(code, positions);
  const places = new Map<Scope, Place>();
  const closings = closingParentheses(code);
  let line = 1;
  let counted = 0;
  return positions.flatMap((position, index) => {
    for (; counted < position; counted++) if (source[counted] === '\n') line++;
    const place = placeOf(code, scopes[index], places);
    const end = closings.get(code.indexOf('(', position)) ?? code.length;
    return toDiagnostics(createdPerRequest, `${file}:${line}`, problemAt(code, position, place, end));
  });
}

/** Relation of a scope to the functions around it. */
interface Place {
  readonly isInFunction: boolean;
  /** Whether a function around it runs for each request, without a condition between them. */
  readonly runsPerRequest: boolean;
}

const TOP_LEVEL: Place = { isInFunction: false, runsPerRequest: false };

/** Returns the place of a scope. `places` keeps those of the scopes around it, so that each is examined once. */
function placeOf(code: string, scope: Scope | undefined, places: Map<Scope, Place>): Place {
  const unknown: Scope[] = [];
  let outer = scope;
  for (; outer !== undefined && !places.has(outer); outer = outer.outer) unknown.push(outer);
  let place = outer === undefined ? TOP_LEVEL : (places.get(outer) as Place);
  for (const each of unknown.toReversed()) {
    const { kind } = each;
    place = {
      isInFunction: place.isInFunction || kind === 'function',
      runsPerRequest: (kind === 'function' && isHandler(code, each)) || (kind !== 'condition' && place.runsPerRequest),
    };
    places.set(each, place);
  }
  return place;
}

/** Returns the problem of a breaker that is created at a position. `end` is the end of its arguments. */
function problemAt(code: string, position: number, place: Place, end: number): string | undefined {
  const isLost = IMMEDIATE_CALL.test(code.slice(end + 1));
  if (!place.isInFunction || !(place.runsPerRequest || isLost) || isCreatedOnce(code, position)) return undefined;
  return place.runsPerRequest
    ? 'a breaker is made in a function that runs for each request'
    : 'a breaker is made for one call, and lost after it';
}

function isHandler(code: string, { parameters: [first = '', second = ''], headEnd, outer }: Scope): boolean {
  if (REQUEST.test(first) || (first === 'event' && second === 'context')) return true;
  const isRouted = outer !== undefined && WITH_PATH.test(code.slice(outer.at, outer.at + 40));
  if (isRouted && ROUTER.test(code.slice(Math.max(0, outer.at - 40), outer.at))) return true;
  const before = code.slice(Math.max(0, headEnd - 300), headEnd);
  const head = before.replace(/\basync\s*$/, '');
  return HANDLERS.some((handler) => handler.test(head) || handler.test(before));
}

/** Whether a breaker is created only if there is none yet: after an alternative, a condition or `.set(`. */
function isCreatedOnce(code: string, position: number): boolean {
  const start = statementStart(code, position);
  if (start === undefined) return true;
  const before = code.slice(start, position);
  if (ALTERNATIVE.test(before.trimEnd()) || /\.set\s*\(/.test(before.slice(before.lastIndexOf(';') + 1))) return true;
  const close = before.indexOf(')', Math.max(...[';', '{', '}'].map((letter) => before.lastIndexOf(letter))) + 1);
  return close !== -1 && /\bif\s*\(/.test(before.slice(before.lastIndexOf(';', close) + 1, close));
}

/** Returns the start of the statement around a position, or undefined if it is too long. */
function statementStart(code: string, position: number): number | undefined {
  const first = Math.max(0, position - STATEMENT_LENGTH);
  let depth = 0;
  for (let at = position - 1; at >= first; at--) {
    const letter = code[at] as string;
    if (letter === ')' || letter === ']') depth++;
    else if (letter === '(' || letter === '[') depth--;
    else if (depth <= 0 && (letter === ';' || letter === '{' || letter === '}')) return at + 1;
  }
  return first === 0 ? 0 : undefined;
}

/** Returns the index of the closing parenthesis for that of each opening one. */
function closingParentheses(code: string): Map<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  for (const { 0: bracket, index } of code.matchAll(/[()]/g)) {
    if (bracket === '(') open.push(index);
    else if (open.length > 0) closings.set(open.pop() as number, index);
  }
  return closings;
}
