import type { NodeRequest, NodeResponse } from '@fusewire/operations/management';
import type { ClosableResponse } from '@fusewire/operations/server';

/** Request of Express 4 or 5, as far as this package uses it. */
export interface ExpressRequest extends NodeRequest {
  /** Path under which the middleware is mounted. */
  readonly baseUrl: string;
}

/** Response of Express 4 or 5, as far as this package uses it. */
export interface ExpressResponse extends NodeResponse, ClosableResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  on(event: string, listener: () => void): unknown;
  once(event: string, listener: () => void): unknown;
  end(body?: string): unknown;
}

/** Function that hands a request, or its error, to the next middleware. */
export type Next = (error?: unknown) => void;

/** Middleware of Express. */
export type Middleware = (request: ExpressRequest, response: ExpressResponse, next: Next) => void;

/** Middleware of Express that receives errors. */
export type ErrorMiddleware = (error: unknown, request: ExpressRequest, response: ExpressResponse, next: Next) => void;
