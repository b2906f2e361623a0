import { RequestProblem } from './problem.ts';
import type { Method, Route } from './route.ts';

/** Route that a request matches. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Longest path that is looked at. */
const LONGEST_PATH = 2_048;

interface Pattern {
  readonly segments: readonly string[];
  readonly routes: Map<Method, Route>;
}

/** Finds the route of a request in a table. Of two routes that match, the one with more literal segments wins. */
export class Router {
  readonly #basePath: string;
  readonly #patterns: readonly Pattern[];

  constructor(basePath: string, routes: readonly Route[]) {
    this.#basePath = basePath;
    const patterns = new Map<string, Pattern>();
    for (const route of routes) {
      const known = patterns.get(route.path) ?? { segments: route.path.slice(1).split('/'), routes: new Map() };
      patterns.set(route.path, known);
      known.routes.set(route.method, route);
    }
    this.#patterns = [...patterns.values()].sort((one, other) => literals(other) - literals(one));
  }

  /**
   * Returns the route, or the methods that the resource has if it has not this one.
   *
   * @throws {RequestProblem} if there is no such resource.
   */
  match(method: string, pathname: string): Match | { readonly allow: string } {
    if (pathname.length > LONGEST_PATH)
      throw new RequestProblem('uri-too-long', `A path has up to ${LONGEST_PATH} characters`);
    const base = this.#basePath;
    if (!pathname.startsWith(`${base}/`)) throw this.#notFound();
    const segments = pathname.slice(base.length + 1).split('/');
    const pattern = this.#patterns.find((candidate) => fits(candidate, segments));
    if (pattern === undefined) throw this.#notFound();
    const route = pattern.routes.get((method === 'HEAD' ? 'GET' : method) as Method);
    if (route === undefined) return { allow: allowed(pattern) };
    return { route, params: paramsOf(pattern, segments) };
  }

  #notFound(): RequestProblem {
    return new RequestProblem(
      'not-found',
      `No route has this path; GET ${this.#basePath}/openapi.json lists the routes`,
    );
  }
}

function literals({ segments }: Pattern): number {
  return segments.filter((segment) => !segment.startsWith('{')).length;
}

function fits({ segments }: Pattern, given: readonly string[]): boolean {
  return (
    segments.length === given.length &&
    segments.every((segment, index) => (segment.startsWith('{') ? given[index] !== '' : segment === given[index]))
  );
}

function paramsOf({ segments }: Pattern, given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = Object.create(null);
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = decoded(given[index] as string);
  }
  return params;
}

/** Decodes a segment once: what is still encoded afterwards belongs to the name. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestProblem('bad-request', 'The path has a percent sign that encodes nothing');
  }
}

function allowed({ routes }: Pattern): string {
  const methods: string[] = [...routes.keys()].sort();
  if (routes.has('GET')) methods.splice(methods.indexOf('GET') + 1, 0, 'HEAD');
  return [...methods, 'OPTIONS'].join(', ');
}
