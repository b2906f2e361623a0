import type { BackendAttempt } from '../errors/engine-load-error.ts';

/**
 * Loads the native addon, and returns what `use` makes of it. `use` throws for an addon that it rejects. If there is no addon
 * that it accepts, this throws what `toError` makes of the attempts.
 */
export function loadAddon<Engine>(
  use: (addon: unknown) => Engine,
  toError: (attempts: readonly BackendAttempt[]) => Error,
): Engine {
  const attempts: BackendAttempt[] = [];
  const override = pathFromEnvironment();
  // A path of the environment excludes all others, so that no other build runs instead.
  const candidates = override === undefined ? candidatesOf(platformNames(), attempts) : [pathCandidate(override)];
  for (const { path, load } of candidates) {
    try {
      return use(load());
    } catch (error) {
      attempts.push({ path, reason: firstLine(error) });
    }
  }
  throw toError(attempts);
}

/** A file that may be the addon. */
interface Candidate {
  readonly path: string;
  readonly load: () => unknown;
}

/** Returns the files that exist, in order. A package that is nowhere becomes one of the `attempts`. */
function* candidatesOf(platforms: readonly string[], attempts: BackendAttempt[]): Generator<Candidate> {
  const places = searchedFiles();
  const seen = new Set<string>();
  for (const platform of platforms) {
    let found = false;
    for (const file of places) {
      for (const path of pathsFrom(file, platform)) {
        found = true;
        if (!seen.has(path)) yield pathCandidate(path);
        seen.add(path);
      }
    }
    const name = `@fusewire/native-${platform}`;
    if (!found) attempts.push({ path: name, reason: `Cannot find module '${name}' from ${places.join(', ')}` });
  }
  for (const platform of platforms) yield* checkout(`bindings/node/dist/fusewire.${platform}.node`).map(pathCandidate);
}

function pathCandidate(path: string): Candidate {
  return { path, load: () => requireFrom(searchedFiles()[0] ?? path)(path) as unknown };
}

/**
 * Returns the addons of a platform that a file of a program can reach: as a package of its own, as a package beside fusewire,
 * where pnpm puts it, and as a file in its own folder.
 */
function pathsFrom(file: string, platform: string): string[] {
  const require = attempt(() => requireFrom(file));
  if (require === undefined) return [];
  const name = `@fusewire/native-${platform}`;
  const resolve = (from: NodeJS.Require | undefined, request: string) => attempt(() => from?.resolve(request));
  const fusewire = resolve(require, 'fusewire/package.json');
  return [
    resolve(require, name),
    fusewire && resolve(requireFrom(fusewire), name),
    resolve(require, tracedPath(platform)),
    resolve(require, `./fusewire.${platform}.node`),
  ].filter((path) => path !== undefined);
}

/**
 * Returns the path of the addon beside this package. Tools that copy the files of a program, as for a serverless function, read
 * this expression and copy the file. They see no other path, because a bundler would try to bundle the file.
 */
function tracedPath(platform: string): string {
  if (typeof __dirname === 'undefined') return '';
  return `${__dirname}/../../../@fusewire/native-${platform}/fusewire.${platform}.node`;
}

/** Returns the files from which the addon is searched: this one, and the main program if a bundler evaluates text. */
function searchedFiles(): string[] {
  const named = typeof __filename === 'undefined' ? undefined : __filename;
  const files = [attempt(runningFile), named, attempt(() => process.argv[1])];
  return [...new Set(files)].filter(
    (file) => file !== undefined && attempt(() => requireFrom(file)) !== undefined,
  ) as string[];
}

/** Returns the path or the URL of the file that contains this code, of a bundle too. `import.meta` exists in ES modules only. */
function runningFile(): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_, [site]) => site?.getFileName();
    return new Error().stack;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Returns a `require` function whose requests bundlers do not see, because bundling a `.node` file breaks the build. Throws
 * unless `file` is an absolute path or a URL.
 */
function requireFrom(file: string): NodeJS.Require {
  // Node before 20.16 lacks `getBuiltinModule`, and a bundle of ES modules has no `require`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module: typeof import('node:module') = process.getBuiltinModule?.('node:module') ?? require('node:module');
  return module.createRequire(file);
}

function pathFromEnvironment(): string | undefined {
  // Deno denies the variable unless the user has allowed it.
  return attempt(() => process.env['FUSEWIRE_NATIVE_PATH']) || undefined;
}

/** Returns the names of this machine in package names: on Linux one for each C library. */
function platformNames(): string[] {
  const { arch, platform } = process;
  const base = `${platform}-${arch}`;
  if (platform === 'linux') return [`${base}-gnu`, `${base}-musl`];
  return [platform === 'win32' ? `${base}-msvc` : base];
}

/** Returns a file of the repository, if this package is inside one. */
function checkout(path: string): string[] {
  const [file = ''] = searchedFiles();
  const repository = file.replace(/[\\/]npm[\\/]fusewire[\\/]dist[\\/]platforms[\\/]node\.cjs$/, '');
  return repository === file ? [] : [`${repository}/${path}`];
}

/** Returns the exports of a file of this package by its relative path; undefined in a bundle, which has no such file. */
export function requireOwn(path: string): unknown {
  const file = attempt(runningFile) ?? '';
  const isBundle = !/[\\/]fusewire[\\/]dist[\\/]platforms[\\/]node\.cjs$/.test(file);
  return isBundle ? undefined : requireFrom(file)(path);
}

/** Returns the result of `run`; undefined if it throws, as where a file or a permission is missing. */
function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
}
