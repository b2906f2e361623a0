import type { Diagnostic } from '../diagnostic.ts';
import { toDiagnostics } from '../rule.ts';
import { createdPerRequest } from '../rules.ts';
import { maskLiterals } from './mask-literals.ts';
import { scopesAt } from './scopes.ts';
import type { Scope } from './scopes.ts';

const FUSEWIRE_IMPORT = /['"](?:fusewire|@fusewire\/[\w-]+)(?:\/[\w/-]+)?['"]/;
const CLASSES = 'CircuitBreaker|BreakerRegistry|CircuitBreakerManager|CircuitBreakerFactory|ExternalServiceManager';
const FUNCTIONS = 'defineBreakers|protectedFetch|originBreakers';
const CREATION = new RegExp(`\\b(?:new\\s+(?:${CLASSES})|(?<!function\\s+)(?:${FUNCTIONS}))\\s*(?:<[^()]*>)?\\(`, 'g');

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
/** Code before a breaker that is created only if there is none yet. */
const CREATED_ONCE = /(?:\?\?=?|\|\|=?|\?|\.set\s*\([^;]*|\bif\s*\([^;]*\)[^;{}]*)\s*$/;
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
  return positions.flatMap((position, index) => {
    const line = source.slice(0, position).split('\n').length;
    return toDiagnostics(createdPerRequest, `${file}:${line}`, problemAt(code, position, scopes[index]));
  });
}

function problemAt(code: string, position: number, scope: Scope | undefined): string | undefined {
  const scopes = [...outward(scope)];
  const handler = scopes.findIndex((each) => each.kind === 'function' && isHandler(code, each));
  const nearestFunction = scopes.findIndex(({ kind }) => kind === 'function');
  if (nearestFunction === -1 || CREATED_ONCE.test(code.slice(statementStart(code, position), position)))
    return undefined;
  if (handler !== -1 && !scopes.slice(0, handler).some(({ kind }) => kind === 'condition')) {
    return 'a breaker is made in a function that runs for each request';
  }
  const isLost = IMMEDIATE_CALL.test(code.slice(closingBracket(code, code.indexOf('(', position)) + 1));
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

function statementStart(code: string, position: number): number {
  let depth = 0;
  for (let at = position - 1; at >= 0; at--) {
    const letter = code[at] as string;
    if (letter === ')' || letter === ']') depth++;
    else if (letter === '(' || letter === '[') depth--;
    else if (depth <= 0 && /[;{}]/.test(letter)) return at + 1;
  }
  return 0;
}

/** Returns the index of the bracket that closes the one at `open`. */
function closingBracket(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')' && --depth === 0) return at;
  }
  return code.length;
}
