import { finding } from '../diagnose.ts';
import type { Finding } from '../rule.ts';
import { madePerRequest } from '../rules.ts';
import { blank } from './blank.ts';
import { scopesAt } from './scopes.ts';
import type { Scope } from './scopes.ts';

const OURS = /['"](?:fusewire|@fusewire\/[\w-]+)(?:\/[\w/-]+)?['"]/;
const CLASSES = 'CircuitBreaker|BreakerRegistry|CircuitBreakerManager|CircuitBreakerFactory|ExternalServiceManager';
const FUNCTIONS = 'defineBreakers|protectedFetch|originBreakers';
const MADE = new RegExp(`\\b(?:new\\s+(?:${CLASSES})|(?<!function\\s+)(?:${FUNCTIONS}))\\s*(?:<[^()]*>)?\\(`, 'g');

const METHODS = 'GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS';
/** What a function is of that a framework calls for each request, as far as the code before its parameters tells. */
const HANDLERS: readonly RegExp[] = [
  // Routes of Next.js, Remix and SvelteKit
  new RegExp(`\\bexport\\s+(?:async\\s+)?function\\s+(?:${METHODS}|loader|action|middleware|handler)\\s*$`),
  new RegExp(`\\bexport\\s+const\\s+(?:${METHODS}|loader|action|middleware|handler|handle)\\b[^=;]*=\\s*$`),
  /\bexports\.handler\s*=\s*(?:function\s*)?$/,
  // A method of a controller of NestJS
  /@(?:Get|Post|Put|Patch|Delete|All|Head|Options)\s*\([^)]*\)\s*(?:@\w+\([^)]*\)\s*)*(?:public\s+)?(?:async\s+)?\w+\s*$/,
];
/** A router is handed a function: app.get('/path', …) */
const ROUTER = /\.\s*(?:get|post|put|patch|delete|head|options|all|route|use)\s*$/;
const WITH_PATH = /^\(\s*['"`]/;
const REQUEST = /^_?(?:req|request)$/;
/** Whoever looks whether there is one already does not make one per request. */
const MADE_ONCE = /(?:\?\?=?|\|\|=?|\?|\.set\s*\([^;]*|\bif\s*\([^;]*\)[^;{}]*)\s*$/;
const RUN_AT_ONCE = /^\s*\.\s*(?:execute|tryExecute|wrap)\b/;

/**
 * Breakers that sources make for each request, as far as can be seen without a parser: in a function that takes a request or
 * is handed to a router, unless it is in a condition or beside an alternative; and those that run one call and are lost.
 * It says nothing where it is in doubt.
 */
export function madePerRequestIn(file: string, source: string): Finding[] {
  if (!OURS.test(source)) return [];
  const code = blank(source);
  const places = [...code.matchAll(MADE)].map(({ index }) => index);
  const scopes = scopesAt(code, places);
  return places.flatMap((place, index) => {
    const line = source.slice(0, place).split('\n').length;
    return finding(madePerRequest, `${file}:${line}`, matter(code, place, scopes[index]));
  });
}

function matter(code: string, place: number, scope: Scope | undefined): string | undefined {
  const inside = [...outward(scope)];
  const around = inside.findIndex((each) => each.kind === 'function' && isHandler(code, each));
  const nearest = inside.findIndex(({ kind }) => kind === 'function');
  if (nearest === -1 || MADE_ONCE.test(code.slice(statementStart(code, place), place))) return undefined;
  if (around !== -1 && !inside.slice(0, around).some(({ kind }) => kind === 'condition')) {
    return 'a breaker is made in a function that runs for each request';
  }
  const isLost = RUN_AT_ONCE.test(code.slice(closing(code, code.indexOf('(', place)) + 1));
  return isLost ? 'a breaker is made for one call, and lost after it' : undefined;
}

function* outward(scope: Scope | undefined): Iterable<Scope> {
  for (let each = scope; each !== undefined; each = each.outer) yield each;
}

function isHandler(code: string, { parameters: [first = '', second = ''], headEnd, outer }: Scope): boolean {
  if (REQUEST.test(first) || (first === 'event' && second === 'context')) return true;
  const isRouted = outer !== undefined && WITH_PATH.test(code.slice(outer.at, outer.at + 40));
  if (isRouted && ROUTER.test(code.slice(Math.max(0, outer.at - 40), outer.at))) return true;
  const before = code.slice(Math.max(0, headEnd - 300), headEnd);
  const head = before.replace(/\basync\s*$/, '');
  return HANDLERS.some((handler) => handler.test(head) || handler.test(before));
}

function statementStart(code: string, place: number): number {
  let depth = 0;
  for (let at = place - 1; at >= 0; at--) {
    const letter = code[at] as string;
    if (letter === ')' || letter === ']') depth++;
    else if (letter === '(' || letter === '[') depth--;
    else if (depth <= 0 && /[;{}]/.test(letter)) return at + 1;
  }
  return 0;
}

/** Where the bracket closes that opens at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')' && --depth === 0) return at;
  }
  return code.length;
}
