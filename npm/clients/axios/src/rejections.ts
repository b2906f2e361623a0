import { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { CallTimeoutError, isRejection, RetriesExhaustedError } from 'fusewire';

/**
 * Returns an error, which axios's `isAxiosError` recognises from then on if it is one of fusewire. It stays the same object,
 * so that it is an instance of the class of fusewire, too. The config is hidden from logs, because it may contain credentials.
 */
export function asAxiosError(error: unknown, config: InternalAxiosRequestConfig): unknown {
  if (!isRejection(error) && !(error instanceof CallTimeoutError) && !(error instanceof RetriesExhaustedError))
    return error;
  const hidden = { enumerable: false, configurable: true, writable: true };
  return Object.defineProperties(error as Error, {
    isAxiosError: { value: true, ...hidden },
    config: { value: config, ...hidden },
    toJSON: { value: toJSON, ...hidden },
  });
}

/** Returns the members of axios's own JSON, and those of fusewire's error. */
function toJSON(this: AxiosError): object {
  return { ...AxiosError.prototype.toJSON.call(this), ...this };
}
