import { files, script, style } from 'fusewire:dashboard-assets';

/** Instance of a program that a dashboard shows. */
export interface DashboardSource {
  /** Name of the instance. */
  readonly name: string;
  /** Path of its management API, relative to that of the page: `'instances/0/'`. */
  readonly path: string;
}

/** Files of the dashboard. */
export interface Dashboard {
  /**
   * Returns the page.
   *
   * @param folder path of its files, relative to that of the page: `'dashboard/'`.
   * @param sources instances that it shows. Default: the program whose management API serves it.
   */
  page(folder: string, sources?: readonly DashboardSource[]): Response;
  /** Returns a file of the page; undefined if there is none of this name. */
  file(name: string): Response | undefined;
}

/** Nothing but its own files and the management API beside it is loaded, and no text can become a script. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const;
const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const;

/**
 * Returns the dashboard, for the option `dashboard` of `management`. Its files are part of this module, so that it needs
 * neither a folder nor a bundler.
 *
 * ```ts
 * const handler = management({ registry, authorize, events, dashboard: dashboard() });
 * ```
 */
export function dashboard(): Dashboard {
  return { page, file };
}

function page(folder: string, sources: readonly DashboardSource[] = []): Response {
  const meta =
    sources.length === 0 ? '' : `<meta name="fusewire-sources" content="${escape(JSON.stringify(sources))}">`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fusewire</title>
${meta}
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${escape(folder + style)}">
<script type="module" src="${escape(folder + script)}"></script>
</head>
<body></body>
</html>
`;
  const headers = { ...HEADERS, 'cache-control': 'no-store', 'content-security-policy': POLICY };
  return new Response(html, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } });
}

function file(name: string): Response | undefined {
  if (!Object.hasOwn(files, name)) return undefined;
  const type = TYPES[name.endsWith('.css') ? 'css' : 'js'];
  // A name has a hash in it, so that the file of a name never changes.
  const headers = { ...HEADERS, 'cache-control': 'private, max-age=31536000, immutable', 'content-type': type };
  return new Response(files[name], { headers });
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
