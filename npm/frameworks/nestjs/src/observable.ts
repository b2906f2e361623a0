import type { CircuitBreaker } from 'fusewire';
import { Observable } from 'rxjs';

/**
 * Returns an Observable of `create` that a breaker protects: each subscription is one call, which counts when the Observable
 * completes or fails. A subscriber that leaves first counts neither way.
 */
export function protectObservable<T>(
  breaker: CircuitBreaker,
  create: (context: { readonly signal: AbortSignal }) => Observable<T>,
  options?: { readonly signal?: AbortSignal },
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const permit = breaker.acquire(options);
    const { signal } = permit;
    const onAbort = () => subscriber.error(signal.reason);
    signal.addEventListener('abort', onAbort);
    subscriber.add(() => {
      signal.removeEventListener('abort', onAbort);
      permit.ignore();
    });
    try {
      const source = create({ signal });
      subscriber.add(
        source.subscribe({
          next: (value) => subscriber.next(value),
          error: (error: unknown) => {
            permit.fail(error);
            subscriber.error(error);
          },
          complete: () => {
            permit.succeed(undefined);
            subscriber.complete();
          },
        }),
      );
    } catch (error) {
      permit.fail(error);
      throw error;
    }
  });
}
