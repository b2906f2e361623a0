/** The runtime that this runs in, by what only it has: a test must not be fooled by another one in its place. */
export function runtimeName(): string {
  const { Deno, Bun, EdgeRuntime, navigator, process } = globalThis as unknown as Globals;
  if (Deno !== undefined) return `Deno ${Deno.version.deno}`;
  if (Bun !== undefined) return `Bun ${Bun.version}`;
  if (EdgeRuntime !== undefined) return EdgeRuntime;
  const agent = navigator?.userAgent ?? '';
  const chrome = /Chrome\/(\d+)/.exec(agent);
  if (chrome !== null) return `Chromium ${chrome[1]}`;
  if (agent === 'Cloudflare-Workers') return 'workerd';
  return `Node ${process?.versions.node}`;
}

interface Globals {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
  readonly EdgeRuntime?: string;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions: { readonly node?: string } };
}
