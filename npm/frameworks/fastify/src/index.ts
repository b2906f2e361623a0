/** `@fusewire/fastify`: plugin for Fastify 5 with responses to rejected calls, breakers around routes, and the management API. */
export { disconnectSignal } from '@fusewire/operations/server';
export { fusewire, fusewire as default } from './plugin.ts';
export { RouteError } from './route-error.ts';

export type { FusewireOptions, PluginManagement } from './options.ts';
export type { RouteOptions } from './route-breakers.ts';
