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
export { byClass, byCode, byKind, byPredicate, byStatus, firstOf } from './classifiers.ts';
export { http } from './preset.ts';
export { httpErrorKind, isRetriable, throwIfNotOk, toHttpError } from './translation.ts';
export { originBreakers } from './origins.ts';
export { protectedFetch } from './fetch.ts';

export type { AnyResponse } from './translation.ts';
export type { Classifier, Ruling, StatusPattern } from './classifiers.ts';
export type { ErrorKind, HttpErrorDetails } from './errors.ts';
export type { Now } from './classification.ts';
export type { OriginBreakerOptions, OriginBreakers, OriginOptions } from './origins.ts';
export type { Preset, PresetOptions } from './preset.ts';
export type { ProtectedFetch, ProtectedFetchOptions } from './fetch.ts';
export type { RouteOptions } from './routes.ts';
