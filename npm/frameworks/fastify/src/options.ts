import type { ManagementOptions } from '@fusewire/operations/management';
import type { RefusalOptions } from '@fusewire/operations/server';
import type { BreakerRegistry } from 'fusewire';
import type { RouteOptions } from './route-breakers.ts';

/** Options of the management API in the plugin. Its breakers are those of the plugin, unless others are given. */
export interface PluginManagement extends Partial<Omit<ManagementOptions, 'basePath'>> {
  /** Path under which it is mounted, such as `'/ops'`. Default `''`. */
  readonly path?: string | undefined;
}

/** Options of the plugin. Those of routes are the defaults of `app.circuitBreaker()`. */
export interface FusewireOptions extends RefusalOptions, Omit<RouteOptions, 'name'> {
  /** Registry that `app.breakers` is. Default: a new one, whose breakers are disposed when the application is closed. */
  readonly registry?: BreakerRegistry | undefined;
  /** Whether rejected calls get their responses from the plugin, before your own error handler. Default true. */
  readonly handleErrors?: boolean | undefined;
  /** Management API. Default: none. */
  readonly management?: PluginManagement | undefined;
}
