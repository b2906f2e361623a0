import { expected } from './fields.ts';
import type { Field } from './fields.ts';
import { operationsOf } from './resolved-route.ts';
import type { Route } from './route.ts';

/** Route as the docs show it. */
export interface RouteRow {
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly summary: string;
  readonly fields: readonly FieldRow[];
}

/** Field of a route as the docs show it. */
export interface FieldRow {
  readonly name: string;
  readonly place: string;
  readonly accepts: string;
  readonly required: boolean;
  readonly description: string;
}

/** Returns the rows of a table of routes. */
export function rowsOf(basePath: string, routes: readonly Route[]): readonly RouteRow[] {
  return routes.map((route) => {
    const operations = [...operationsOf(route).values()];
    const fields = new Map(operations.flatMap(({ fields: own }) => Object.entries(own)));
    return {
      method: route.method,
      path: basePath + route.path,
      access: operations[0]?.operation.access ?? 'change',
      summary: route.summary ?? operations.map(({ operation }) => operation.summary).join(' Or: '),
      fields: [...fields].map(([name, field]) => rowOf(name, field)),
    };
  });
}

function rowOf(name: string, field: Field): FieldRow {
  const { in: place, description } = field;
  return { name, place, accepts: expected(field), required: field.required === true, description };
}

/** Returns a page with every route. It has no script, no style and no link to elsewhere. */
export function docsPageOf(basePath: string, routes: readonly Route[]): string {
  const sections = rowsOf(basePath, routes).map(({ method, path, access, summary, fields }) => {
    const items = fields.map(
      ({ name, place, accepts, required, description }) =>
        `<li><code>${escaped(name)}</code> (${place}${required ? ', required' : ''}): ${escaped(description)} ${escaped(accepts)}.</li>`,
    );
    const list = items.length > 0 ? `<ul>${items.join('')}</ul>` : '';
    return `<section><h2><code>${method} ${escaped(path)}</code></h2><p>${escaped(summary)} Access: ${access}.</p>${list}</section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"><title>fusewire management API</title></head><body><main><h1>fusewire management API</h1><p>The same in OpenAPI: <a href="${basePath}/openapi.json">openapi.json</a>.</p>${sections.join('')}</main></body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
