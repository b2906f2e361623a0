/** `@fusewire/next`: route handlers, registry, management API and start-up of Next.js 15 and 16. */
export { instrumentation } from './instrumentation.ts';
export { managementRoutes } from './management-routes.ts';
export { classifyNavigation } from './navigation.ts';
export { flushAfterResponse, protectedRoute } from './protected-route.ts';
export { breakerRegistry, once } from './registry.ts';

export type { Instrumentation, RequestErrorHandler } from './instrumentation.ts';
export type { ManagementRoutes } from './management-routes.ts';
export type { Flushable, RouteHandler } from './protected-route.ts';
