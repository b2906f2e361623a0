import { BreakerRegistry } from 'fusewire';
import type { BreakerRegistryOptions } from 'fusewire';
import { classifyNavigation } from './navigation.ts';

/** Values of this process. The symbol names the version of what is kept under it. */
const KEY = Symbol.for('fusewire.next.1');

/**
 * Returns the value that `create` has returned first under `name`, for all bundles of this process and all their copies of a
 * module. In development, Next.js evaluates modules again after a change; the value stays.
 *
 * ```ts
 * export const events = once('events', () => eventLog({ sinks: [sink] }));
 * ```
 */
export function once<T>(name: string, create: () => T): T {
  const values = ((globalThis as { [KEY]?: Map<string, unknown> })[KEY] ??= new Map());
  if (!values.has(name)) values.set(name, create());
  return values.get(name) as T;
}

/**
 * Returns the registry of this process, for all bundles. The options are those of the first call. What a call throws on behalf of
 * Next.js, such as `notFound()`, is no failure: `defaults.classify` is asked first, then {@link classifyNavigation}.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function breakerRegistry(options?: BreakerRegistryOptions): BreakerRegistry {
  return once('registry', () => new BreakerRegistry(withNavigation(options)));
}

/** Leaves invalid options as they are: the registry reports them. */
function withNavigation(options: BreakerRegistryOptions = {}): BreakerRegistryOptions {
  if (!isRecord(options)) return options;
  const { defaults = {} } = options;
  if (!isRecord(defaults)) return options;
  const { classify } = defaults;
  if (classify !== undefined && typeof classify !== 'function') return options;
  const its: typeof classify = (outcome) => classify?.(outcome) ?? classifyNavigation(outcome);
  return { ...options, defaults: { ...defaults, classify: its } };
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
