import type { ManagementOptions } from '@fusewire/operations/management';
import type { RefusalOptions } from '@fusewire/operations/server';
import type { CanActivate, Type } from '@nestjs/common';
import type { CircuitBreakerOptions, BreakerRegistry } from 'fusewire';

/** Options of the module that `forRootAsync` can inject. */
export interface CircuitBreakerModuleOptions extends RefusalOptions {
  /** Registry of the application. Default: a new one, whose breakers are disposed when the application is closed. */
  readonly registry?: BreakerRegistry | undefined;
  /** Options of every breaker of the new registry. Default: none. */
  readonly defaults?: CircuitBreakerOptions | undefined;
  /** Options of the management API; `registry` and `basePath` are given. It is mounted by the extra `mount`. */
  readonly management?: Partial<Omit<ManagementOptions, 'basePath'>> | undefined;
}

/** Place of the management API. */
export interface ManagementMount {
  /** Path under the global prefix, such as `'ops'`. */
  readonly path: string;
  /** Guards of its controller, before `authorize`. Default: none. */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[] | undefined;
}

/** Options that the module needs before it injects any. */
export interface ModuleExtras {
  /** Whether every module can inject the registry and the features. Default true. */
  isGlobal?: boolean;
  /** Whether rejected calls get their responses from the module. Default true. */
  filter?: boolean;
  /** Whether decorated methods end when the client of the request goes. Default true. */
  requestSignal?: boolean;
  /** Place of the management API. Default: nowhere. */
  mount?: ManagementMount;
}

/** Breaker that a module defines: its name, and the options of the breaker. */
export interface FeatureOptions extends Omit<CircuitBreakerOptions, 'name'> {
  readonly name: string;
}
