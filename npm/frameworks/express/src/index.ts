/** `@fusewire/express`: responses to rejected calls, breakers around routes, and the management API in Express 4 and 5. */
export { disconnectSignal, shutDown } from '@fusewire/operations/server';
export { circuitBreaker } from './circuit-breaker.ts';
export { managementRouter } from './management-router.ts';
export { refusals } from './refusals.ts';

export type { RefusalOptions, ShutdownOptions } from '@fusewire/operations/server';
export type { ExpressRequest, ExpressResponse, ErrorMiddleware, Middleware, Next } from './express.ts';
export type { ManagementRouter, ManagementRouterOptions } from './management-router.ts';
