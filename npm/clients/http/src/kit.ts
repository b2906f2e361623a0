// Parts for authors of clients: `@fusewire/undici` and `@fusewire/axios` are made of them. They may change in any version.
export { absolute, originOf } from './addresses.ts';
export { CallerAbort, countFailure, OriginBreakers, readOrigins } from './origins.ts';
export { readRoutes, Route, Routes } from './routes.ts';
export { isFailedResponse, responseErrorOf } from './translation.ts';

export type { Now } from './classification.ts';
export type { OriginBreakerOptions, OriginOptions } from './origins.ts';
export type { RouteOptions, Sending } from './routes.ts';
export type { AnyResponse } from './translation.ts';
