export {
  BodyTooLargeError,
  ClientError,
  HttpError,
  NetworkError,
  RedirectError,
  RequestTimeoutError,
  ServerError,
  TooManyRequestsError,
} from './errors.ts';
export { byClass, byCode, byKind, byPredicate, byStatus, firstOf, retryIf } from './classifiers.ts';
export { expectOk, httpErrorOf, isFailedResponse, isRetriable, kindOf, responseErrorOf } from './translation.ts';
export { http } from './preset.ts';
export { absolute, originOf } from './addresses.ts';
export { CallerAbort, countFailure, OriginBreakers, originBreakers, readOrigins } from './origins.ts';
export { readRoutes, Route, Routes } from './routes.ts';
export { protectedFetch } from './fetch.ts';

export type { AnyResponse } from './translation.ts';
export type { Classifier, Ruling, StatusPattern } from './classifiers.ts';
export type { ErrorKind, HttpErrorDetails } from './errors.ts';
export type { Now } from './classification.ts';
export type { Preset, PresetOptions } from './preset.ts';
export type { OriginBreakerOptions, OriginOptions } from './origins.ts';
export type { ProtectedFetch, ProtectedFetchOptions } from './fetch.ts';
export type { RouteOptions, Sending } from './routes.ts';
