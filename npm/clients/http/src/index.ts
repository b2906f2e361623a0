export {
  BodyTooLargeError,
  ClientError,
  HttpError,
  NetworkError,
  RequestTimeoutError,
  ServerError,
  TooManyRedirectsError,
  TooManyRequestsError,
} from './errors.ts';
export { databases, http } from './http.ts';
export { httpErrorKind, isRetriable, throwIfNotOk, toHttpError } from './translation.ts';
export { originBreakers } from './origins.ts';
export { protectedFetch } from './fetch.ts';

export type { AnyResponse } from './translation.ts';
export type { ErrorKind, HttpErrorDetails } from './errors.ts';
export type { Now } from './classification.ts';
export type { OriginBreakerOptions, OriginBreakers, OriginOptions } from './origins.ts';
export type { ClassificationOptions } from './http.ts';
export type { Classifier, Rules } from './rules.ts';
export type { ProtectedFetch, ProtectedFetchOptions } from './fetch.ts';
export type { RouteOptions } from './routes.ts';
